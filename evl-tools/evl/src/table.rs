// SPDX-License-Identifier: MIT OR Apache-2.0
//! Aligned columns.

/// Lays out rows of equal length, two spaces between columns.
pub(crate) fn format<const N: usize>(rows: &[[String; N]]) -> String {
    let mut widths = [0; N];
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let mut text = String::new();
    for row in rows {
        let line: String = row
            .iter()
            .zip(widths)
            .map(|(cell, width)| format!("{cell:width$}  "))
            .collect();
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    #[test]
    fn columns_line_up() {
        let rows = [["a", "long cell", "x"], ["longer", "b", ""]].map(|row| row.map(String::from));
        assert_eq!(super::format(&rows), "a       long cell  x\nlonger  b\n");
    }
}
