//! An authority for one test, and a certificate for what listens on this machine.

use std::io;
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};

use openssl::asn1::Asn1Time;
use openssl::bn::{BigNum, MsbOption};
use openssl::hash::MessageDigest;
use openssl::pkey::{PKey, Private};
use openssl::rsa::Rsa;
use openssl::x509::extension::{BasicConstraints, ExtendedKeyUsage, KeyUsage, SubjectAlternativeName};
use openssl::x509::{X509, X509Builder, X509Name};

/// PEM files with certificates that are good for a day.
#[derive(Clone, Debug)]
pub struct Certificates {
    /// The authority's certificate.
    pub ca: PathBuf,
    /// A certificate for 127.0.0.1 and localhost, for servers and clients, with its key.
    pub identity: PathBuf,
    /// Whose it is, as Java writes it.
    pub subject: String,
}

impl Certificates {
    /// New ones, in `dir`.
    ///
    /// # Errors
    /// When a file can't be written.
    pub fn new(dir: &Path) -> io::Result<Self> {
        const NAME: &str = "parceltrack-test";
        let ca_key = key()?;
        let mut ca = begun("parceltrack-test-authority", &ca_key)?;
        let ca_name = name("parceltrack-test-authority")?;
        ca.set_issuer_name(&ca_name)?;
        ca.append_extension(BasicConstraints::new().critical().ca().build()?)?;
        ca.append_extension(KeyUsage::new().critical().key_cert_sign().build()?)?;
        ca.sign(&ca_key, MessageDigest::sha256())?;
        let ca = ca.build();

        let own_key = key()?;
        let mut own = begun(NAME, &own_key)?;
        own.set_issuer_name(&ca_name)?;
        let reached = SubjectAlternativeName::new()
            .ip(&Ipv4Addr::LOCALHOST.to_string())
            .dns("localhost")
            .build(&own.x509v3_context(Some(&ca), None))?;
        own.append_extension(reached)?;
        own.append_extension(ExtendedKeyUsage::new().server_auth().client_auth().build()?)?;
        own.sign(&ca_key, MessageDigest::sha256())?;

        let (ca_file, identity) = (dir.join("ca.pem"), dir.join("identity.pem"));
        std::fs::write(&ca_file, ca.to_pem()?)?;
        std::fs::write(&identity, [own_key.private_key_to_pem_pkcs8()?, own.build().to_pem()?].concat())?;
        Ok(Self { ca: ca_file, identity, subject: format!("CN={NAME}") })
    }
}

fn key() -> io::Result<PKey<Private>> {
    Ok(PKey::from_rsa(Rsa::generate(2048)?)?)
}

fn name(common: &str) -> io::Result<X509Name> {
    let mut name = X509Name::builder()?;
    name.append_entry_by_text("CN", common)?;
    Ok(name.build())
}

fn begun(common: &str, key: &PKey<Private>) -> io::Result<X509Builder> {
    let mut builder = X509::builder()?;
    builder.set_version(2)?;
    let mut serial = BigNum::new()?;
    serial.rand(127, MsbOption::MAYBE_ZERO, false)?;
    builder.set_serial_number(&*serial.to_asn1_integer()?)?;
    builder.set_subject_name(&*name(common)?)?;
    builder.set_pubkey(key)?;
    builder.set_not_before(&*Asn1Time::days_from_now(0)?)?;
    builder.set_not_after(&*Asn1Time::days_from_now(1)?)?;
    Ok(builder)
}
