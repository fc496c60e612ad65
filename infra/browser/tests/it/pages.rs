//! A few pages on a port of their own.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// Nothing inline, nothing from elsewhere.
pub(crate) const STRICT: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'";

/// A path, its policy, its content.
type Page = (&'static str, &'static str, &'static str);

pub(crate) struct Pages {
    at: SocketAddr,
    asked: Arc<Mutex<String>>,
}

impl Pages {
    /// Serves them until the process ends; anything else is 404.
    pub(crate) fn serve(pages: &[Page]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let (at, asked) = (listener.local_addr().unwrap(), Arc::new(Mutex::new(String::new())));
        let (pages, heard) = (pages.to_vec(), Arc::clone(&asked));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (pages, heard) = (pages.clone(), Arc::clone(&heard));
                // Browsers open connections ahead and say nothing on them.
                std::thread::spawn(move || answer(stream, &pages, &heard));
            }
        });
        Self { at, asked }
    }

    pub(crate) fn at(&self, path: &str) -> String {
        format!("http://{}{path}", self.at)
    }

    /// All requests so far, in lower case.
    pub(crate) fn asked(&self) -> String {
        self.asked.lock().unwrap().clone()
    }
}

fn answer(mut stream: TcpStream, pages: &[Page], asked: &Mutex<String>) {
    let lines = BufReader::new(stream.try_clone().unwrap()).lines().map_while(Result::ok);
    let head: Vec<String> = lines.take_while(|line| !line.is_empty()).collect();
    let Some(path) = head.first().and_then(|line| line.split(' ').nth(1)) else { return };
    asked.lock().unwrap().push_str(&head.join("\n").to_lowercase());
    // Browsers ask for it by themselves.
    let found = if path == "/favicon.ico" {
        Some(("200 OK", "", ""))
    } else {
        pages.iter().find(|page| page.0 == path).map(|page| ("200 OK", page.1, page.2))
    };
    let (status, policy, content) = found.unwrap_or(("404 Not Found", STRICT, "gone"));
    let ending = path.rsplit('.').next().unwrap_or_default();
    let media = match ending {
        "js" => "text/javascript",
        "css" => "text/css",
        _ => "text/html; charset=utf-8",
    };
    let length = content.len();
    let _ = write!(
        stream,
        "HTTP/1.1 {status}\r\nContent-Type: {media}\r\nContent-Length: {length}\r\n\
         Content-Security-Policy: {policy}\r\nConnection: close\r\n\r\n{content}"
    );
}
