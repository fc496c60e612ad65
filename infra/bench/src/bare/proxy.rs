//! A proxy on Pingora that does nothing but pass on: what the gateway adds to the library it stands on is measured beside it.

use std::net::SocketAddr;

use anyhow::Result;
use async_trait::async_trait;
use clap::Args;
use pingora_core::server::Server;
use pingora_core::server::configuration::ServerConf;
use pingora_core::upstreams::peer::HttpPeer;
use pingora_proxy::{ProxyHttp, Session, http_proxy_service};

use super::ApiArgs;

/// Where it listens, and what is behind it.
#[derive(Debug, Args)]
pub(crate) struct ProxyArgs {
    #[command(flatten)]
    api: ApiArgs,
    /// The port of the service behind, on this machine
    #[arg(long)]
    behind: u16,
}

struct Passing(SocketAddr);

#[async_trait]
impl ProxyHttp for Passing {
    type CTX = ();

    fn new_ctx(&self) {}

    async fn upstream_peer(&self, _: &mut Session, (): &mut ()) -> pingora_core::Result<Box<HttpPeer>> {
        Ok(Box::new(HttpPeer::new(self.0, false, String::new())))
    }
}

pub(super) fn run(args: &ProxyArgs) -> Result<()> {
    let threads = std::thread::available_parallelism()?.get();
    // As the gateway has it: runtimes of one thread each.
    let conf = ServerConf { threads, work_stealing: false, ..ServerConf::default() };
    let mut server = Server::new_with_opt_and_conf(None, conf);
    server.bootstrap();
    let behind = SocketAddr::from(([127, 0, 0, 1], args.behind));
    let mut service = http_proxy_service(&server.configuration, Passing(behind));
    service.add_tcp(&format!("127.0.0.1:{}", args.api.port));
    server.add_service(service);
    server.run_forever()
}
