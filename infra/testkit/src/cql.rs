//! Statements to a database that wants TLS and a password: making roles is no business of the views' own client.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::path::Path;

use openssl::ssl::{SslConnector, SslMethod, SslStream};

const ERROR: u8 = 0;
const STARTUP: u8 = 1;
const QUERY: u8 = 7;
const AUTH_RESPONSE: u8 = 15;
const ONE: u16 = 1;

/// A connection of one user.
pub struct Cql {
    stream: SslStream<TcpStream>,
}

impl Cql {
    /// Logs in at `address`, whose certificate `ca` has signed.
    ///
    /// # Errors
    /// When nobody answers, or the database refuses; then in its own words.
    pub fn log_in(address: &str, ca: &Path, user: &str, password: &str) -> io::Result<Self> {
        let mut builder = SslConnector::builder(SslMethod::tls_client())?;
        builder.set_ca_file(ca)?;
        let host = address.split(':').next().unwrap_or(address);
        let stream = builder.build().connect(host, TcpStream::connect(address)?).map_err(io::Error::other)?;
        let mut this = Self { stream };
        let mut options = 1_u16.to_be_bytes().to_vec();
        for text in ["CQL_VERSION", "3.0.0"] {
            options.extend((text.len() as u16).to_be_bytes());
            options.extend(text.as_bytes());
        }
        this.ask(STARTUP, &options)?;
        let proof = format!("\0{user}\0{password}");
        this.ask(AUTH_RESPONSE, &[&(proof.len() as u32).to_be_bytes(), proof.as_bytes()].concat())?;
        Ok(this)
    }

    /// Runs a statement; of what it gives nothing is shown.
    ///
    /// # Errors
    /// When the database refuses, in its own words.
    pub fn run(&mut self, statement: &str) -> io::Result<()> {
        let length = (statement.len() as u32).to_be_bytes();
        self.ask(QUERY, &[&length, statement.as_bytes(), &ONE.to_be_bytes(), &[0]].concat())
    }

    fn ask(&mut self, opcode: u8, body: &[u8]) -> io::Result<()> {
        let header = [&[4, 0, 0, 0, opcode][..], &(body.len() as u32).to_be_bytes()].concat();
        self.stream.write_all(&[&header, body].concat())?;
        let mut header = [0; 9];
        self.stream.read_exact(&mut header)?;
        let [.., a, b, c, d] = header;
        let mut answer = vec![0; u32::from_be_bytes([a, b, c, d]) as usize];
        self.stream.read_exact(&mut answer)?;
        if header[4] == ERROR {
            // A code of four bytes and the text's length of two come first.
            return Err(io::Error::other(String::from_utf8_lossy(answer.get(6..).unwrap_or_default())));
        }
        Ok(())
    }
}
