//! Asks instances for their metrics.

use std::time::Duration;

use futures::{StreamExt, stream};
use live_config::is_ours;
use reqwest::Client;
use service_registry::{Instance, Scheme, metadata};

use super::{Look, Sample, metric, parse};

/// Instances that are asked at most; a larger installation has a Prometheus.
const MOST: usize = 256;
/// Asked at once.
const AT_ONCE: usize = 16;
/// How long one may take.
const PATIENCE: Duration = Duration::from_millis(1_500);
/// Bytes that one may answer.
const LARGEST: usize = 4 * 1024 * 1024;

/// The numbers that are looked at, of every instance of ours: others name theirs as they like, and need not tell any.
pub(super) async fn look(http: &Client, instances: Vec<Instance>) -> Look {
    let ours = instances.into_iter().filter(|instance| is_ours(instance.lease.service.as_str()));
    let asked = ours.take(MOST).map(|instance| async move {
        let text = text(http, &instance).await;
        let wanted = |text: String| {
            parse(&text).into_iter().filter(|sample| metric::is_wanted(&sample.name)).collect()
        };
        (instance.id(), text.map(wanted))
    });
    let answers: Vec<(_, Option<Vec<Sample>>)> =
        stream::iter(asked).buffer_unordered(AT_ONCE).collect().await;
    answers.into_iter().collect()
}

async fn text(http: &Client, instance: &Instance) -> Option<String> {
    let lease = &instance.lease;
    let (address, scheme) = match instance.metadata(metadata::OPS) {
        Some(ops) => (ops, Scheme::Http),
        None => (lease.address.as_str(), lease.scheme),
    };
    let path = instance.metadata(metadata::METRICS_PATH).unwrap_or("/metrics");
    let url = format!("{}://{address}{path}", scheme.as_str());
    let asked = http.get(url).header("accept", "text/plain").timeout(PATIENCE).send().await;
    let mut answer = asked.ok()?.error_for_status().ok()?;
    let mut bytes = Vec::new();
    while let Some(chunk) = answer.chunk().await.ok()? {
        if bytes.len() + chunk.len() > LARGEST {
            return None;
        }
        bytes.extend_from_slice(&chunk);
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use service_registry::Status;

    use super::*;
    use crate::roles::tests::instance;

    #[tokio::test]
    async fn services_of_others_are_not_asked() {
        let http = Client::builder().no_proxy().timeout(PATIENCE).build().unwrap();
        // Nobody listens there: who is asked is silent.
        let others = instance("orders/127.0.0.1:1", Status::Up, &[]);
        let ours = instance("query-api/127.0.0.1:1", Status::Up, &[]);
        let look = look(&http, vec![others, ours.clone()]).await;
        assert_eq!(look, Look::from([(ours.id(), None)]));
    }
}
