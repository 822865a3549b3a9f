// SPDX-License-Identifier: MIT OR Apache-2.0
//! Aligned columns.

/// Lays out rows of equal length, two spaces between columns.
pub(crate) fn format(rows: &[impl AsRef<[String]>]) -> String {
    let mut widths = vec![0; rows.first().map_or(0, |row| row.as_ref().len())];
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row.as_ref()) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let mut text = String::new();
    for row in rows {
        let line: String = row
            .as_ref()
            .iter()
            .zip(&widths)
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
