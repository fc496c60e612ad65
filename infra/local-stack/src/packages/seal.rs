//! A list of a package's files with their sizes: a folder whose files fit its list is complete.

use std::fs;
use std::path::Path;

use crate::Error;

const NAME: &str = ".complete";

/// Lists every file of the folder; returns how many and how large.
pub(super) fn put(folder: &Path) -> Result<(usize, u64), Error> {
    let mut files = Vec::new();
    collect(folder, folder, &mut files)?;
    files.sort();
    let lines: Vec<String> = files.iter().map(|(name, size)| format!("{size} {name}")).collect();
    let path = folder.join(NAME);
    fs::write(&path, lines.join("\n")).map_err(Error::io("write", &path))?;
    Ok((files.len(), files.iter().map(|(_, size)| size).sum()))
}

/// The folder has a list, and every file on it is there in its full size.
pub(super) fn is_whole(folder: &Path) -> bool {
    let Ok(text) = fs::read_to_string(folder.join(NAME)) else { return false };
    !text.is_empty()
        && text.lines().all(|line| {
            line.split_once(' ').is_some_and(|(size, name)| {
                fs::metadata(folder.join(name)).is_ok_and(|file| size.parse() == Ok(file.len()))
            })
        })
}

fn collect(root: &Path, folder: &Path, files: &mut Vec<(String, u64)>) -> Result<(), Error> {
    for entry in fs::read_dir(folder).map_err(Error::io("read", folder))? {
        let path = entry.map_err(Error::io("read", folder))?.path();
        if path.is_dir() {
            collect(root, &path, files)?;
        } else {
            let size = fs::metadata(&path).map_err(Error::io("read", &path))?.len();
            let name = path.strip_prefix(root).unwrap_or(&path).display().to_string();
            files.push((name, size));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cut_or_missing_file_breaks_the_seal() {
        let dir = tempfile::tempdir().expect("a folder");
        let jar = dir.path().join("lib/some.jar");
        fs::create_dir(dir.path().join("lib")).expect("a folder");
        fs::write(&jar, "0123456789").expect("a file");
        assert!(!is_whole(dir.path()), "no list yet");
        assert_eq!(put(dir.path()).expect("a list"), (1, 10));
        assert!(is_whole(dir.path()));
        fs::write(&jar, "01234").expect("a file");
        assert!(!is_whole(dir.path()));
        fs::remove_file(&jar).expect("deleted");
        assert!(!is_whole(dir.path()));
    }
}
