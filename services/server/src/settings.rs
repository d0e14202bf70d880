//! Settings: defaults, then a file, then the environment; every mistake told at once.

use std::{
    collections::BTreeSet,
    env,
    net::SocketAddr,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, bail};
use figment::{
    Figment,
    providers::{Env, Format as _, Serialized, Toml},
};
use serde::{Deserialize, Serialize};

use crate::cli::SettingsArgs;

/// Prefix of environment variables: `HILUM__HTTP__LISTEN` sets `http.listen`.
const ENV_PREFIX: &str = "HILUM__";

/// Threads of one pass through a network: nodules are small, and more threads would wait for each other.
pub(crate) const NETWORK_THREADS: usize = 1;

/// Everything that can be set.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Settings {
    /// Where things are kept.
    pub(crate) data: Data,
    /// The HTTPS side.
    pub(crate) http: Http,
    /// The worker.
    pub(crate) work: Work,
    /// What may be analysed.
    pub(crate) indication: IndicationFile,
}

/// `data.*`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Data {
    /// Database, objects, certificates.
    pub(crate) dir: PathBuf,
}

/// `http.*`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Http {
    /// Address of the HTTPS listener. Loopback until told otherwise.
    pub(crate) listen: SocketAddr,
    /// Largest upload in bytes.
    pub(crate) max_upload_bytes: u64,
    /// Largest single instance in bytes.
    pub(crate) max_instance_bytes: u64,
}

/// `work.*`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Work {
    /// A series is analysed when no instance has come for this long.
    pub(crate) quiet_period_ms: u64,
    /// Threads that one pass through a network may use.
    pub(crate) threads: usize,
}

/// `indication.*`: a site's own limits. Without both, the file that ships is in force.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct IndicationFile {
    /// The file; its signature lies beside it with the ending `.sig`.
    pub(crate) file: Option<PathBuf>,
    /// Ed25519 public key in PEM form.
    pub(crate) public_key: Option<PathBuf>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            data: Data {
                dir: default_data_dir(),
            },
            http: Http {
                listen: SocketAddr::from(([127, 0, 0, 1], 8443)),
                max_upload_bytes: 4 << 30,
                max_instance_bytes: 512 << 20,
            },
            work: Work {
                quiet_period_ms: 2_000,
                threads: NETWORK_THREADS,
            },
            indication: IndicationFile::default(),
        }
    }
}

impl Settings {
    /// Reads and checks the settings that the command line points at.
    pub(crate) fn load(args: &SettingsArgs) -> anyhow::Result<Self> {
        let file = settings_file(args.config.as_deref())?;
        let mut layers = Figment::new();
        if let Some(file) = &file {
            layers = layers.merge(Toml::file_exact(file));
        }
        layers = layers.merge(Env::prefixed(ENV_PREFIX).split("__"));

        let mut mistakes = unknown_keys(&layers);
        let settings = Figment::from(Serialized::defaults(Self::default()))
            .merge(layers)
            .extract::<Self>();
        let mut settings = match settings {
            Ok(settings) => settings,
            Err(errors) => {
                mistakes.extend(errors.into_iter().map(|error| error.to_string()));
                Self::default()
            }
        };
        if let Some(dir) = &args.data_dir {
            settings.data.dir.clone_from(dir);
        }
        mistakes.extend(settings.out_of_range());
        if !mistakes.is_empty() {
            bail!("settings are wrong:\n  {}", mistakes.join("\n  "));
        }
        Ok(settings)
    }

    fn out_of_range(&self) -> Vec<String> {
        let mut mistakes = Vec::new();
        let mut check = |ok: bool, what: &str| {
            if !ok {
                mistakes.push(what.to_owned());
            }
        };
        check(!self.data.dir.as_os_str().is_empty(), "data.dir is empty");
        check(
            self.http.max_upload_bytes >= 1 << 20,
            "http.max_upload_bytes is below 1 MiB",
        );
        check(
            self.http.max_instance_bytes <= self.http.max_upload_bytes,
            "http.max_instance_bytes is above http.max_upload_bytes",
        );
        check(
            self.work.quiet_period_ms <= 3_600_000,
            "work.quiet_period_ms is above one hour",
        );
        check(
            (1..=64).contains(&self.work.threads),
            "work.threads is not within 1 to 64",
        );
        check(
            self.indication.file.is_some() == self.indication.public_key.is_some(),
            "indication.file and indication.public_key belong together",
        );
        mistakes
    }
}

/// The file given, or `hilum.toml` where it is there.
fn settings_file(given: Option<&Path>) -> anyhow::Result<Option<PathBuf>> {
    match given {
        Some(file) if file.is_file() => Ok(Some(file.to_owned())),
        Some(file) => bail!("no settings file at {}", file.display()),
        None => Ok(Some(PathBuf::from("hilum.toml")).filter(|file| file.is_file())),
    }
}

/// Keys that no setting has. A typing mistake must not silently leave a default in force.
fn unknown_keys(layers: &Figment) -> Vec<String> {
    let known = keys_of(&Figment::from(Serialized::defaults(Settings::default())));
    keys_of(layers)
        .difference(&known)
        .map(|key| format!("there is no setting {key}"))
        .collect()
}

fn keys_of(figment: &Figment) -> BTreeSet<String> {
    let mut keys = BTreeSet::new();
    let Ok(sections) = figment.extract::<figment::value::Dict>() else {
        return keys;
    };
    for (section, value) in sections {
        match value.into_dict() {
            Some(entries) => keys.extend(entries.into_keys().map(|key| format!("{section}.{key}"))),
            None => drop(keys.insert(section)),
        }
    }
    keys
}

fn default_data_dir() -> PathBuf {
    let home = || env::var_os("HOME").map(|home| PathBuf::from(home).join(".local/share"));
    env::var_os("XDG_DATA_HOME")
        .map(PathBuf::from)
        .filter(|path| path.is_absolute())
        .or_else(home)
        .unwrap_or_default()
        .join("hilum")
}

/// The settings as TOML. Nothing in them is secret today; tokens live in the database as digests.
pub(crate) fn to_toml(settings: &Settings) -> anyhow::Result<String> {
    toml::to_string_pretty(settings).context("settings cannot be written as TOML")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load_text(text: &str) -> Result<Settings, String> {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("hilum.toml");
        std::fs::write(&file, text).unwrap();
        let args = SettingsArgs {
            config: Some(file),
            data_dir: Some(PathBuf::from("/data")),
        };
        Settings::load(&args).map_err(|error| error.to_string())
    }

    #[test]
    fn a_file_overrides_defaults() {
        let settings = load_text("[http]\nlisten = \"127.0.0.1:9443\"\n").unwrap();
        assert_eq!(settings.http.listen.port(), 9443);
        assert_eq!(
            settings.http.max_instance_bytes,
            Settings::default().http.max_instance_bytes
        );
    }

    #[test]
    fn all_mistakes_are_told_at_once() {
        let error = load_text(
            "[http]\nlissten = \"x\"\n[work]\nthreads = 0\n[other]\na = 1\n[indication]\nfile = \"x\"\n",
        )
        .unwrap_err();
        for part in ["http.lissten", "work.threads", "other.a", "indication.public_key"] {
            assert!(error.contains(part), "{error}");
        }
    }

    #[test]
    fn what_is_printed_reads_back() {
        let settings = Settings::default();
        assert_eq!(
            toml::from_str::<Settings>(&to_toml(&settings).unwrap()).unwrap(),
            settings
        );
    }
}
