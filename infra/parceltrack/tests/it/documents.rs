//! The repository's documents point to what is there.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

#[test]
fn every_relative_link_leads_somewhere() {
    let mut broken = Vec::new();
    let documents = documents(Path::new(ROOT));
    assert!(documents.iter().any(|path| path.ends_with("docs/contract.md")));
    for document in &documents {
        let text = std::fs::read_to_string(document).unwrap();
        for link in links(&text) {
            let (path, fragment) = link.split_once('#').map_or((link, None), |(p, f)| (p, Some(f)));
            let target =
                if path.is_empty() { document.clone() } else { document.parent().unwrap().join(path) };
            let leads = match fragment {
                None => target.exists(),
                Some(fragment) => std::fs::read_to_string(&target)
                    .is_ok_and(|text| text.lines().filter_map(anchor).any(|anchor| anchor == fragment)),
            };
            if !leads {
                broken.push(format!("{}: {link}", document.strip_prefix(ROOT).unwrap().display()));
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn every_decision_is_listed_and_has_a_number_of_its_own() {
    let folder = Path::new(ROOT).join("docs/adr");
    let list = std::fs::read_to_string(folder.join("README.md")).unwrap();
    let mut numbers = BTreeSet::new();
    for entry in std::fs::read_dir(&folder).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        if name == "README.md" {
            continue;
        }
        assert!(list.contains(&format!("({name})")), "docs/adr/README.md doesn't list {name}");
        assert!(numbers.insert(name[..4].to_owned()), "{name}: there is another of this number");
    }
}

#[test]
fn the_commands_of_the_runbooks_are_there() {
    let mut seen = 0;
    for page in documents(&Path::new(ROOT).join("docs/runbooks")) {
        let text = std::fs::read_to_string(&page).unwrap();
        for line in text.lines().filter_map(|line| line.strip_prefix("parceltrack ")) {
            let ends = [" | ", " > ", " 2>"].iter().filter_map(|end| line.find(end)).min();
            let arguments = words(&line[..ends.unwrap_or(line.len())]);
            // With this last one a command says how it is used, if what stands before is one.
            let output = Command::new(env!("CARGO_BIN_EXE_parceltrack"))
                .args(&arguments)
                .arg("--help")
                .output()
                .unwrap();
            let said = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success(), "{}: parceltrack {line}: {said}", page.display());
            seen += 1;
        }
    }
    assert!(seen > 30, "{seen} commands");
}

/// As a shell parts them, with single quotes.
fn words(line: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quoted = false;
    for c in line.chars() {
        match c {
            '\'' => quoted = !quoted,
            ' ' if !quoted => words.push(String::new()),
            c => words.last_mut().unwrap().push(c),
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// Every Markdown file that is ours.
fn documents(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let (path, name) = (entry.path(), entry.file_name().into_string().unwrap());
        if entry.file_type().unwrap().is_dir() {
            if !name.starts_with('.') && name != "target" {
                found.extend(documents(&path));
            }
        } else if path.extension().is_some_and(|extension| extension == "md") {
            found.push(path);
        }
    }
    found
}

/// Targets of links into the repository; none out of code.
fn links(markdown: &str) -> Vec<&str> {
    let mut links = Vec::new();
    let mut in_code = false;
    for line in markdown.lines() {
        if line.trim_start().starts_with("```") {
            in_code = !in_code;
        }
        if in_code || line.starts_with("    ") {
            continue;
        }
        links.extend(line.split("](").skip(1).filter_map(|rest| rest.split_once(')')).map(|(link, _)| link));
    }
    links.retain(|link| !link.contains("://") && !link.starts_with("mailto:"));
    links
}

/// What a heading is linked by.
fn anchor(line: &str) -> Option<String> {
    let title = line.strip_prefix('#')?.trim_start_matches('#').strip_prefix(' ')?;
    let kept = title.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    Some(kept.map(|c| if c == ' ' { '-' } else { c.to_ascii_lowercase() }).collect())
}
