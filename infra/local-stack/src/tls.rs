//! One question over TLS: whether a service that takes nothing else answers.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::path::Path;
use std::time::Duration;

use openssl::ssl::{SslConnector, SslMethod};

const LIMIT: Duration = Duration::from_secs(3);

/// Sends the request to a port of 127.0.0.1, and gives the first `N` bytes of the answer.
pub(crate) async fn ask<const N: usize>(port: u16, ca: &Path, request: &'static [u8]) -> io::Result<[u8; N]> {
    let ca = ca.to_owned();
    let asked = tokio::task::spawn_blocking(move || blocking(port, &ca, request));
    asked.await.map_err(io::Error::other)?
}

fn blocking<const N: usize>(port: u16, ca: &Path, request: &[u8]) -> io::Result<[u8; N]> {
    let mut builder = SslConnector::builder(SslMethod::tls_client())?;
    builder.set_ca_file(ca)?;
    let stream = TcpStream::connect_timeout(&SocketAddr::from((Ipv4Addr::LOCALHOST, port)), LIMIT)?;
    stream.set_read_timeout(Some(LIMIT))?;
    stream.set_write_timeout(Some(LIMIT))?;
    let mut stream = builder.build().connect("127.0.0.1", stream).map_err(io::Error::other)?;
    stream.write_all(request)?;
    let mut answer = [0; N];
    stream.read_exact(&mut answer)?;
    Ok(answer)
}
