//! `parceltrack acls`.

use clap::Args;

#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Examples:
  parceltrack acls                              who may do what
  parceltrack acls --commands > acls.sh         for kafka-acls.sh, with the operator's own admin.properties
  parceltrack --set kafka.properties_file=admin.properties acls --apply

A principal is User:ROLE, with the rights that ROLE needs. None is taken away that somebody gave besides.
What it is for: docs/security.md")]
pub(crate) struct AclsArgs {
    /// Give these rights, as a user who may alter the cluster
    #[arg(long, conflicts_with_all = ["json", "commands"])]
    pub(crate) apply: bool,
    /// Command lines of kafka-acls.sh
    #[arg(long, conflicts_with = "json")]
    pub(crate) commands: bool,
    /// For scripts
    #[arg(long)]
    pub(crate) json: bool,
}
