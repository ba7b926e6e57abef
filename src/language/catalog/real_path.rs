//! Paths that can be compared: absolute, symbolic links followed, `..` and case taken away.

use std::path::{Component, Path, PathBuf};

/// Where a path leads, in lower case. What is not there counts as it is written, below the folder that is there.
pub(super) fn real_path(path: &Path) -> PathBuf {
    let absolute = absolute(path);
    if let Ok(real) = absolute.canonicalize() {
        return folded(&real);
    }
    // From the top: a caller may name thousands of folders, of which the first is not there.
    let (mut there, mut count) = (PathBuf::new(), 0);
    for part in absolute.components() {
        there.push(part);
        if std::fs::metadata(&there).is_err() {
            there.pop();
            break;
        }
        count += 1;
    }
    let mut real = there.canonicalize().unwrap_or(there);
    for part in absolute.components().skip(count) {
        match part {
            Component::ParentDir => _ = real.pop(),
            part => real.push(part),
        }
    }
    folded(&real)
}

/// A path as it is written, in lower case: file systems that ignore case have it under this name too.
pub(super) fn written_path(path: &Path) -> PathBuf {
    folded(&absolute(path))
}

/// A path with the working folder in front, if it is relative.
fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}

fn folded(path: &Path) -> PathBuf {
    path.to_string_lossy().to_lowercase().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_compared_by_where_they_lead() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        std::fs::create_dir(at("sub")).unwrap();
        std::fs::write(at("sub/file.txt"), "x").unwrap();
        let file = real_path(&at("sub/file.txt"));
        for other in ["sub/../sub/file.txt", "./sub//file.txt", "gone/../sub/file.txt"] {
            assert_eq!(real_path(&at(other)), file, "{other}");
        }
        assert_ne!(real_path(&at("sub/file")), file);
        let deep = "a/".repeat(30_000);
        assert_eq!(real_path(&at(&deep)), real_path(&at("a")).join(&deep[2..]), "in one pass");
        assert_eq!(real_path(&at("gone/A.txt")), real_path(&at("gone/a.TXT")), "not there");
        #[cfg(unix)]
        {
            std::os::unix::fs::symlink("sub", at("link")).unwrap();
            std::os::unix::fs::symlink("sub/file.txt", at("other")).unwrap();
            assert_eq!(real_path(&at("link/file.txt")), file);
            assert_eq!(real_path(&at("other")), file);
            assert_eq!(real_path(&at("link/new.txt")), real_path(&at("sub/new.txt")));
            std::os::unix::fs::symlink("nowhere", at("dangling")).unwrap();
            assert_eq!(real_path(&at("dangling/x")), real_path(&at("gone/../dangling/x")));
        }
    }
}
