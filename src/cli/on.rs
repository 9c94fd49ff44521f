//! `--on DATABASE`: the database of labs over several hosts, and who peerlab is to it.

use std::path::PathBuf;

use clap::Args;
use peerlab_ovsdb::{Identity, Remote};

use super::help;
use crate::error::Error;

/// The database of labs over several hosts, by options or, for those that are not given, by the environment.
#[derive(Clone, Debug, Default, Args)]
pub(super) struct On {
    /// OVN's northbound database, for labs over several hosts: tcp:HOST:6641, unix:PATH, or ssl:HOST:6641 with --private-key,
    /// --certificate and --ca-cert; several of one cluster with commas
    #[arg(long = "on", global = true, value_name = "DATABASE", display_order = help::LAST + 3)]
    database: Option<String>,
    /// Of `ssl:`: the file with the private key
    #[arg(long, global = true, hide = true, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    private_key: Option<PathBuf>,
    /// Of `ssl:`: the file with its certificate
    #[arg(long, global = true, hide = true, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    certificate: Option<PathBuf>,
    /// Of `ssl:`: the file with the certificate of the CA that signed the server's
    #[arg(long, global = true, hide = true, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    ca_cert: Option<PathBuf>,
}

/// The environment's names for them.
const DATABASE: &str = "PEERLAB_ON";
const PRIVATE_KEY: &str = "PEERLAB_PRIVATE_KEY";
const CERTIFICATE: &str = "PEERLAB_CERTIFICATE";
const CA_CERT: &str = "PEERLAB_CA_CERT";

/// Whether the environment names a database.
pub(super) fn is_in_environment() -> bool {
    of_environment(DATABASE).is_some()
}

fn of_environment(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|text| !text.is_empty())
}

impl On {
    /// With what the environment says.
    pub(super) fn or_environment(self) -> Self {
        let path = |name| of_environment(name).map(PathBuf::from);
        On {
            database: self.database.or_else(|| of_environment(DATABASE)),
            private_key: self.private_key.or_else(|| path(PRIVATE_KEY)),
            certificate: self.certificate.or_else(|| path(CERTIFICATE)),
            ca_cert: self.ca_cert.or_else(|| path(CA_CERT)),
        }
    }

    /// The database; `None` if there is none.
    pub(super) fn remote(&self) -> Result<Option<Remote>, Error> {
        let On { database, private_key, certificate, ca_cert } = self.clone();
        let Some(database) = database else { return Ok(None) };
        let remote: Remote = database.parse()?;
        Ok(Some(remote.by(Identity { private_key, certificate, ca_cert })))
    }

    /// The words that say it on another command line, from any directory.
    pub(super) fn words(&self) -> Vec<String> {
        let whole = |path: &PathBuf| std::path::absolute(path).unwrap_or_else(|_| path.clone()).display().to_string();
        let files = [&self.private_key, &self.certificate, &self.ca_cert].map(|path| path.as_ref().map(whole));
        let options = ["--on", "--private-key", "--certificate", "--ca-cert"];
        let values = [self.database.clone()].into_iter().chain(files);
        options
            .into_iter()
            .zip(values)
            .filter_map(|(option, value)| Some([option.to_owned(), value?]))
            .flatten()
            .collect()
    }
}
