//! `parceltrack apply`: topics, schemas and tables, checked before anything writes.

use settings::Settings;

/// Creates what is missing and refuses what deviates; safe to run again, and by several at once.
pub(crate) async fn apply(settings: &Settings) -> anyhow::Result<()> {
    crate::topics::apply(settings, false).await?;
    crate::schemas::apply(settings).await?;
    crate::tables::apply(settings).await
}
