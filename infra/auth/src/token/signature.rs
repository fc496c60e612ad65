//! Signatures, as JOSE writes them (RFC 7518, RFC 8037), checked by OpenSSL.

use openssl::bn::BigNum;
use openssl::ecdsa::EcdsaSig;
use openssl::error::ErrorStack;
use openssl::hash::MessageDigest;
use openssl::pkey::{HasPublic, PKey};
use openssl::rsa::Padding;
use openssl::sign::{RsaPssSaltlen, Signer, Verifier};

/// The algorithms that are taken; there is no other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Algorithm {
    Rs256,
    Ps256,
    Es256,
    EdDsa,
    /// With the development secret only.
    Hs256,
}

/// What kind of key a key is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Rsa,
    P256,
    Ed25519,
}

impl Algorithm {
    /// As JOSE names it.
    pub(crate) fn of_jose(name: &str) -> Option<Self> {
        Some(match name {
            "RS256" => Self::Rs256,
            "PS256" => Self::Ps256,
            "ES256" => Self::Es256,
            "EdDSA" => Self::EdDsa,
            "HS256" => Self::Hs256,
            _ => return None,
        })
    }

    /// Whether it goes with a public key of this kind. A key is never taken for another kind's, nor for a secret.
    pub(crate) fn fits(self, kind: Kind) -> bool {
        matches!(
            (self, kind),
            (Self::Rs256 | Self::Ps256, Kind::Rsa) | (Self::Es256, Kind::P256) | (Self::EdDsa, Kind::Ed25519)
        )
    }

    /// Whether the signature is of this key, and of this text.
    pub(crate) fn verify<T: HasPublic>(
        self,
        key: &PKey<T>,
        signed: &str,
        signature: &[u8],
    ) -> Result<bool, ErrorStack> {
        let sha256 = MessageDigest::sha256();
        match self {
            Self::Rs256 => Verifier::new(sha256, key)?.verify_oneshot(signature, signed.as_bytes()),
            Self::Ps256 => {
                let mut verifier = Verifier::new(sha256, key)?;
                verifier.set_rsa_padding(Padding::PKCS1_PSS)?;
                verifier.set_rsa_mgf1_md(sha256)?;
                verifier.set_rsa_pss_saltlen(RsaPssSaltlen::DIGEST_LENGTH)?;
                verifier.verify_oneshot(signature, signed.as_bytes())
            }
            Self::Es256 => {
                if signature.len() != 64 {
                    return Ok(false);
                }
                let (r, s) = signature.split_at(32);
                let (r, s) = (BigNum::from_slice(r)?, BigNum::from_slice(s)?);
                let der = EcdsaSig::from_private_components(r, s)?.to_der()?;
                Verifier::new(sha256, key)?.verify_oneshot(&der, signed.as_bytes())
            }
            Self::EdDsa => Verifier::new_without_digest(key)?.verify_oneshot(signature, signed.as_bytes()),
            Self::Hs256 => Ok(false),
        }
    }
}

/// HMAC-SHA-256.
pub(super) fn hmac(secret: &str, text: &str) -> Result<Vec<u8>, ErrorStack> {
    let key = PKey::hmac(secret.as_bytes())?;
    let mut signer = Signer::new(MessageDigest::sha256(), &key)?;
    signer.sign_oneshot_to_vec(text.as_bytes())
}

#[cfg(test)]
mod tests {
    use openssl::ec::{EcGroup, EcKey};
    use openssl::nid::Nid;
    use openssl::rsa::Rsa;

    use super::*;

    fn both(algorithm: Algorithm, key: &PKey<openssl::pkey::Private>, signature: &[u8]) {
        assert!(algorithm.verify(key, "signed", signature).unwrap());
        assert!(!algorithm.verify(key, "signef", signature).unwrap_or(false));
        let mut other = signature.to_vec();
        other[7] ^= 1;
        assert!(!algorithm.verify(key, "signed", &other).unwrap_or(false));
        assert!(!algorithm.verify(key, "signed", b"").unwrap_or(false));
    }

    #[test]
    fn rsa_in_its_two_ways() {
        let key = PKey::from_rsa(Rsa::generate(2048).unwrap()).unwrap();
        let mut signer = Signer::new(MessageDigest::sha256(), &key).unwrap();
        let signature = signer.sign_oneshot_to_vec(b"signed").unwrap();
        both(Algorithm::Rs256, &key, &signature);
        assert!(!Algorithm::Ps256.verify(&key, "signed", &signature).unwrap_or(false));
        let mut signer = Signer::new(MessageDigest::sha256(), &key).unwrap();
        signer.set_rsa_padding(Padding::PKCS1_PSS).unwrap();
        signer.set_rsa_pss_saltlen(RsaPssSaltlen::DIGEST_LENGTH).unwrap();
        let signature = signer.sign_oneshot_to_vec(b"signed").unwrap();
        both(Algorithm::Ps256, &key, &signature);
        assert!(!Algorithm::Rs256.verify(&key, "signed", &signature).unwrap_or(false));
    }

    #[test]
    fn elliptic_curves() {
        let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1).unwrap();
        let ec = EcKey::generate(&group).unwrap();
        let signed = openssl::sha::sha256(b"signed");
        let signature = EcdsaSig::sign(&signed, &ec).unwrap();
        let parts = [signature.r(), signature.s()].map(|part| part.to_vec_padded(32).unwrap());
        both(Algorithm::Es256, &PKey::from_ec_key(ec).unwrap(), &parts.concat());

        let key = PKey::generate_ed25519().unwrap();
        let signature = Signer::new_without_digest(&key).unwrap().sign_oneshot_to_vec(b"signed").unwrap();
        both(Algorithm::EdDsa, &key, &signature);
    }

    #[test]
    fn a_secret_is_no_public_key() {
        let key = PKey::from_rsa(Rsa::generate(2048).unwrap()).unwrap();
        let pem = String::from_utf8(key.public_key_to_pem().unwrap()).unwrap();
        let signature = hmac(&pem, "signed").unwrap();
        assert!(!Algorithm::Hs256.verify(&key, "signed", &signature).unwrap());
        for kind in [Kind::Rsa, Kind::P256, Kind::Ed25519] {
            assert!(!Algorithm::Hs256.fits(kind));
        }
    }

    #[test]
    fn hmac_is_as_the_standard_has_it() {
        // RFC 4231, test case 2.
        let expected = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
        let made = hmac("Jefe", "what do ya want for nothing?").unwrap();
        assert_eq!(made, BigNum::from_hex_str(expected).unwrap().to_vec());
    }
}
