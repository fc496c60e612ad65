//! The packages: fetched by Maven once, kept in a cache, checked before each use.

mod maven;
mod seal;

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use crate::Error;
use crate::progress::Step;
use crate::watch::Watch;

/// The registry's start jar inside its package.
pub(crate) const REGISTRY_JAR: &str = "apicurio-registry-app-3.0.9-runner.jar";

/// One product that the stack runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Package {
    Kafka,
    Cassandra,
    Registry,
}

/// Product and version of each service that the stack can start.
pub fn versions() -> [&'static str; 3] {
    [Package::Kafka, Package::Cassandra, Package::Registry].map(Package::title)
}

/// How Maven is to be asked for a package.
enum Source {
    /// The dependencies of a small POM.
    Pom(&'static str),
    /// One archive, to be unpacked. Its own POM names a parent that Maven Central does not have, so it
    /// is copied without looking at what it depends on.
    Archive { artifact: &'static str, file: &'static str },
}

impl Package {
    fn title(self) -> &'static str {
        match self {
            Self::Kafka => "Apache Kafka 4.3.1",
            Self::Cassandra => "Apache Cassandra 5.0.9",
            Self::Registry => "Apicurio Registry 3.0.9",
        }
    }

    fn folder(self) -> &'static str {
        match self {
            Self::Kafka => "kafka-4.3.1",
            Self::Cassandra => "cassandra-5.0.9",
            Self::Registry => "apicurio-registry-3.0.9",
        }
    }

    fn about_mb(self) -> u32 {
        match self {
            Self::Kafka => 54,
            Self::Cassandra => 67,
            Self::Registry => 109,
        }
    }

    fn source(self) -> Source {
        match self {
            Self::Kafka => Source::Pom(include_str!("../packages/kafka.pom.xml")),
            Self::Cassandra => Source::Pom(include_str!("../packages/cassandra.pom.xml")),
            Self::Registry => Source::Archive {
                artifact: "io.apicurio:apicurio-registry-app:3.0.9:tar.gz:all",
                file: "apicurio-registry-app-3.0.9-all.tar.gz",
            },
        }
    }

    /// The file without which a fetched package is of no use.
    fn main_file(self) -> &'static str {
        match self {
            Self::Kafka => "kafka_2.13-4.3.1.jar",
            Self::Cassandra => "cassandra-all-5.0.9.jar",
            Self::Registry => REGISTRY_JAR,
        }
    }

    /// The folder with the complete package, fetched now if the cache lacks it.
    pub(crate) fn ensure(self, cache: &Path, watch: &Watch) -> Result<PathBuf, Error> {
        watch.check()?;
        let folder = cache.join(self.folder());
        if seal::is_whole(&folder) {
            return Ok(folder);
        }
        fs::create_dir_all(cache).map_err(Error::io("create", cache))?;
        let _lock = lock(cache, watch)?;
        // Whoever held the lock may have fetched just this.
        if !seal::is_whole(&folder) {
            self.fetch(&folder, watch)?;
        }
        Ok(folder)
    }

    /// Into a folder beside the final one, which appears only when all of it is there.
    fn fetch(self, folder: &Path, watch: &Watch) -> Result<(), Error> {
        watch.tell(&Step::Fetch { package: self.title(), about_mb: self.about_mb() });
        let start = Instant::now();
        let partial = PathBuf::from(format!("{}.partial", folder.display()));
        clear(&partial)?;
        fs::create_dir_all(&partial).map_err(Error::io("create", &partial))?;
        match self.source() {
            Source::Pom(pom) => maven::copy_dependencies(self.title(), pom, &partial, watch)?,
            Source::Archive { artifact, file } => {
                maven::copy_artifact(self.title(), artifact, &partial, watch)?;
                self.unpack(&partial, file)?;
            }
        }
        if !partial.join(self.main_file()).is_file() {
            let detail = format!("{} is not in it", self.main_file());
            return Err(Error::Package { package: self.title(), path: partial, detail });
        }
        let (files, bytes) = seal::put(&partial)?;
        clear(folder)?;
        fs::rename(&partial, folder).map_err(Error::io("rename", &partial))?;
        let took = start.elapsed();
        watch.tell(&Step::Fetched { package: self.title(), files, mb: bytes / 1_000_000, took });
        Ok(())
    }

    fn unpack(self, folder: &Path, archive: &str) -> Result<(), Error> {
        let archive = folder.join(archive);
        let output = Command::new("tar")
            .arg("-xzf")
            .arg(&archive)
            .arg("-C")
            .arg(folder)
            .output()
            .map_err(|source| Error::Spawn { program: "tar".to_owned(), source })?;
        if !output.status.success() {
            let detail = String::from_utf8_lossy(&output.stderr).trim().to_owned();
            return Err(Error::Package { package: self.title(), path: archive, detail });
        }
        fs::remove_file(&archive).map_err(Error::io("delete", &archive))
    }
}

/// Where packages are kept: `PARCELTRACK_CACHE`, else `$XDG_CACHE_HOME/parceltrack`, else `~/.cache/parceltrack`.
pub fn cache_dir() -> PathBuf {
    let from = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    from("PARCELTRACK_CACHE")
        .or_else(|| from("XDG_CACHE_HOME").map(|cache| cache.join("parceltrack")))
        .or_else(|| from("HOME").map(|home| home.join(".cache/parceltrack")))
        .unwrap_or_else(|| std::env::temp_dir().join("parceltrack-cache"))
}

/// One process at a time fills a cache.
fn lock(cache: &Path, watch: &Watch) -> Result<File, Error> {
    let path = cache.join(".lock");
    let file = File::create(&path).map_err(Error::io("create", &path))?;
    if file.try_lock().is_err() {
        watch.tell(&Step::WaitingForCache(cache.to_owned()));
        while file.try_lock().is_err() {
            watch.check()?;
            std::thread::sleep(Duration::from_millis(200));
        }
    }
    Ok(file)
}

fn clear(folder: &Path) -> Result<(), Error> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(Error::io("delete", folder)(error)),
        _ => Ok(()),
    }
}
