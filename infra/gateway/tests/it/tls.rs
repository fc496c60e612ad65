//! TLS, and a certificate that changes.

use std::path::Path;
use std::time::{Duration, Instant};

use openssl::asn1::Asn1Time;
use openssl::bn::BigNum;
use openssl::hash::MessageDigest;
use openssl::pkey::PKey;
use openssl::rsa::Rsa;
use openssl::x509::extension::SubjectAlternativeName;
use openssl::x509::{X509, X509NameBuilder};
use reqwest::{Certificate, Client, Version};
use tempfile::TempDir;

use crate::world::{PATIENCE, SHIPMENT, World};

/// Puts a new certificate and its key into a folder.
fn issue(folder: &Path, serial: u32) -> Certificate {
    let key = PKey::from_rsa(Rsa::generate(2048).unwrap()).unwrap();
    let mut name = X509NameBuilder::new().unwrap();
    name.append_entry_by_text("CN", "localhost").unwrap();
    let name = name.build();
    let mut builder = X509::builder().unwrap();
    builder.set_version(2).unwrap();
    builder.set_serial_number(&BigNum::from_u32(serial).unwrap().to_asn1_integer().unwrap()).unwrap();
    builder.set_subject_name(&name).unwrap();
    builder.set_issuer_name(&name).unwrap();
    builder.set_not_before(&Asn1Time::days_from_now(0).unwrap()).unwrap();
    builder.set_not_after(&Asn1Time::days_from_now(2).unwrap()).unwrap();
    builder.set_pubkey(&key).unwrap();
    let names =
        SubjectAlternativeName::new().ip("127.0.0.1").build(&builder.x509v3_context(None, None)).unwrap();
    builder.append_extension(names).unwrap();
    builder.sign(&key, MessageDigest::sha256()).unwrap();
    let pem = builder.build().to_pem().unwrap();
    std::fs::write(folder.join("cert.pem"), &pem).unwrap();
    std::fs::write(folder.join("key.pem"), key.private_key_to_pem_pkcs8().unwrap()).unwrap();
    Certificate::from_pem(&pem).unwrap()
}

fn client(trusted: &Certificate) -> reqwest::ClientBuilder {
    Client::builder().no_proxy().timeout(PATIENCE).tls_certs_only([trusted.clone()])
}

async fn start(folder: &TempDir) -> World {
    let file = |name: &str| folder.path().join(name).display().to_string();
    let set = [
        format!("gateway.tls_cert_file={}", file("cert.pem")),
        format!("gateway.tls_key_file={}", file("key.pem")),
    ];
    World::start(&[&set[0], &set[1]]).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn both_versions_of_http_are_spoken_over_tls() {
    let folder = TempDir::new().unwrap();
    let certificate = issue(folder.path(), 1);
    let world = start(&folder).await;
    for (client, version) in
        [(client(&certificate), Version::HTTP_2), (client(&certificate).http1_only(), Version::HTTP_11)]
    {
        let client = client.build().unwrap();
        for _ in 0..3 {
            let answer = client.get(world.url(SHIPMENT)).bearer_auth("reader").send().await.unwrap();
            assert_eq!((answer.status().as_u16(), answer.version()), (200, version));
            assert_eq!(answer.headers()["strict-transport-security"], "max-age=31536000");
            let told: serde_json::Value = answer.json().await.unwrap();
            let forwarded = told["headers"]["forwarded"].as_str().unwrap();
            assert!(forwarded.ends_with(";proto=https"), "{forwarded}");
        }
    }
    // Whoever doesn't speak TLS is not understood, and disturbs nobody.
    assert_eq!(world.raw("GET /livez HTTP/1.1\r\nHost: a\r\n\r\n").await.find("HTTP/1.1 200"), None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_certificate_is_taken_over_and_a_bad_one_is_not() {
    let folder = TempDir::new().unwrap();
    let first = issue(folder.path(), 1);
    let world = start(&folder).await;
    let asks = |trusted: &Certificate| {
        // Another connection each time.
        let client = client(trusted).pool_max_idle_per_host(0).build().unwrap();
        client.get(world.url("/livez")).send()
    };
    assert!(asks(&first).await.is_ok());
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    let expiry = world.metric("parceltrack_gateway_certificate_expiry_timestamp_seconds", &[]).await;
    assert!(expiry > since.as_secs_f64(), "{expiry}");
    let second = issue(folder.path(), 2);
    let begun = Instant::now();
    while asks(&second).await.is_err() {
        assert!(begun.elapsed() < PATIENCE);
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert!(asks(&first).await.is_err(), "the one before is no longer shown");
    std::fs::write(folder.path().join("cert.pem"), "no certificate").unwrap();
    let begun = Instant::now();
    while world.metric("parceltrack_gateway_certificate_faults_total", &[]).await < 1.0 {
        assert!(begun.elapsed() < PATIENCE);
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert!(asks(&second).await.is_ok(), "the last good one stays");
}
