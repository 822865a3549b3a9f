// SPDX-License-Identifier: MIT OR Apache-2.0
//! Links in Markdown files lead somewhere: to a file of the repository, to a heading in it.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use fs_err as fs;
use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

use super::licences::tracked_files;
use super::results::Results;
use crate::paths::Paths;

pub(crate) fn check(paths: &Paths) -> Result<Results> {
    let mut complaints = Vec::new();
    let mut anchors = HashMap::new();
    for name in tracked_files(paths)?
        .iter()
        .filter(|name| name.ends_with(".md"))
    {
        let file = paths.repo.join(name);
        for link in links(&fs::read_to_string(&file)?) {
            if let Err(error) = follow(&file, &link, &mut anchors) {
                complaints.push(format!("{name}: {link}: {error:#}"));
            }
        }
    }
    Ok(Results::survey(complaints))
}

fn follow(from: &Path, link: &str, anchors: &mut HashMap<PathBuf, Vec<String>>) -> Result<()> {
    if link.contains("://") || link.starts_with("mailto:") {
        return Ok(());
    }
    let (path, anchor) = link
        .split_once('#')
        .map_or((link, None), |(path, anchor)| (path, Some(anchor)));
    let target = if path.is_empty() {
        from.to_owned()
    } else {
        from.with_file_name("").join(path)
    };
    if !target.exists() {
        bail!("there is no {}", target.display());
    }
    let Some(anchor) = anchor else { return Ok(()) };
    if !anchors.contains_key(&target) {
        anchors.insert(target.clone(), headings(&fs::read_to_string(&target)?));
    }
    if !anchors[&target].iter().any(|heading| heading == anchor) {
        bail!("{} has no heading #{anchor}", target.display());
    }
    Ok(())
}

fn links(markdown: &str) -> Vec<String> {
    Parser::new_ext(markdown, Options::all())
        .filter_map(|event| match event {
            Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
                Some(dest_url.into_string())
            }
            _ => None,
        })
        .collect()
}

/// The anchors that mdBook and code forges make of headings.
fn headings(markdown: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut heading: Option<String> = None;
    for event in Parser::new_ext(markdown, Options::all()) {
        match event {
            Event::Start(Tag::Heading { .. }) => heading = Some(String::new()),
            Event::End(TagEnd::Heading(_)) => {
                found.extend(heading.take().map(|text| anchor(&text)))
            }
            Event::Text(text) | Event::Code(text) => {
                if let Some(heading) = &mut heading {
                    heading.push_str(&text);
                }
            }
            _ => {}
        }
    }
    found
}

fn anchor(heading: &str) -> String {
    let kept = heading.to_lowercase().replace(' ', "-");
    kept.chars()
        .filter(|c| c.is_alphanumeric() || matches!(c, '-' | '_'))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dead_files_and_dead_anchors_are_found() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("a.md");
        fs::write(&file, "# The `evl` tool\n").unwrap();
        let mut anchors = HashMap::new();
        let mut follow = |link| follow(&file, link, &mut anchors);
        assert!(follow("#the-evl-tool").is_ok());
        assert!(follow("a.md#the-evl-tool").is_ok());
        assert!(follow("a.md#gone").is_err());
        assert!(follow("b.md").is_err());
        assert!(follow("https://example.org/").is_ok());
    }

    #[test]
    fn links_in_code_are_no_links() {
        assert_eq!(
            links("[a](b.md) `[c](d.md)` ![e](f.svg)"),
            ["b.md", "f.svg"]
        );
    }
}
