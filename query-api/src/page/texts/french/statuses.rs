//! What a status means, in French.

use shipment_events::Status;

use crate::page::texts::Said;

/// What is said of a status.
#[allow(clippy::too_many_lines, reason = "a table")]
pub(super) const fn said(status: Status) -> Said {
    let (name, means, advice): (_, _, &'static [&'static str]) = match status {
        Status::Registered => {
            ("Enregistré", "L’expéditeur a enregistré le colis. Le transporteur ne l’a pas encore reçu.", &[])
        }
        Status::InfoReceived => (
            "Annoncé au transporteur",
            "Le transporteur connaît le colis et attend qu’il lui soit remis.",
            &[],
        ),
        Status::Expired => (
            "Jamais remis au transporteur",
            "L’annonce a expiré\u{a0}: le transporteur n’a jamais reçu le colis.",
            &[
                "Demandez à l’expéditeur si le colis est parti sous un autre numéro.",
                "S’il n’est pas parti, demandez à l’expéditeur de vous rembourser.",
            ],
        ),
        Status::Cancelled => (
            "Annulé",
            "L’expéditeur a annulé cet envoi.",
            &["Si vous ne vous y attendiez pas, contactez l’expéditeur."],
        ),
        Status::PickedUp => ("Chez le transporteur", "Le transporteur a le colis.", &[]),
        Status::InTransit => ("En route", "Le colis avance vers sa destination.", &[]),
        Status::Customs => (
            "À la douane",
            "La douane examine le colis. Cela peut prendre quelques jours.",
            &[
                "Guettez un message du transporteur\u{a0}: la douane peut demander un document ou un paiement.",
                "Ne payez que sur le site du transporteur et ne suivez aucun lien d’un message inattendu.",
            ],
        ),
        Status::Delayed => (
            "Retardé",
            "Le colis a du retard, mais il est toujours en route.",
            &["Vous n’avez rien à faire. La prochaine étape s’affichera ici dès qu’elle sera connue."],
        ),
        Status::OnHold => (
            "En attente",
            "Le transporteur garde le colis en attendant, par exemple, des instructions ou une date.",
            &["Demandez au transporteur ce qu’il attend. Ayez le numéro de suivi sous la main."],
        ),
        Status::OutForDelivery => ("En cours de livraison", "Le colis est dans le véhicule du livreur.", &[]),
        Status::AttemptFailed => (
            "Livraison tentée",
            "Le livreur est passé, mais n’a pas pu remettre le colis.",
            &[
                "Cherchez un avis de passage, dans votre boîte aux lettres ou par e-mail.",
                "Convenez avec le transporteur d’un autre jour ou d’un point de retrait.",
                "Vérifiez que votre nom figure sur la sonnette et que l’adresse est complète.",
            ],
        ),
        Status::AvailableForPickup => (
            "Prêt à être retiré",
            "Le colis vous attend dans un point de retrait.",
            &[
                "Munissez-vous d’une pièce d’identité et du numéro de suivi ou de l’avis de passage.",
                "Ne tardez pas\u{a0}: après quelques jours, le colis repart chez l’expéditeur.",
            ],
        ),
        Status::Exception => (
            "Incident",
            "Le transporteur signale un problème avec le colis.",
            &[
                "Demandez au transporteur ce dont il a besoin. Ayez le numéro de suivi sous la main.",
                "Vérifiez avec l’expéditeur que l’adresse est exacte.",
            ],
        ),
        Status::Damaged => (
            "Endommagé",
            "Le transporteur a constaté un dommage sur le colis.",
            &[
                "Demandez à l’expéditeur quelle est la suite\u{a0}: il peut vous envoyer un remplacement.",
                "Si le colis arrive, photographiez-le avant de l’ouvrir et signalez le dommage en signant.",
            ],
        ),
        Status::Lost => (
            "Introuvable",
            "Le transporteur ne trouve pas le colis pour l’instant. Il peut encore réapparaître.",
            &[
                "Demandez à l’expéditeur d’ouvrir une enquête auprès du transporteur.",
                "L’expéditeur peut remplacer le colis ou vous rembourser.",
            ],
        ),
        Status::Delivered => (
            "Livré",
            "Le colis a été remis.",
            &[
                "Vous ne l’avez pas\u{a0}? Demandez à vos voisins, cherchez un avis, puis contactez l’expéditeur.",
            ],
        ),
        Status::Returning => (
            "Sur le chemin du retour",
            "Le colis n’a pas pu être livré et retourne chez l’expéditeur.",
            &["Demandez à l’expéditeur un nouvel envoi ou un remboursement."],
        ),
        Status::Returned => (
            "Retourné à l’expéditeur",
            "L’expéditeur a récupéré le colis.",
            &["Demandez à l’expéditeur un nouvel envoi ou un remboursement."],
        ),
        Status::Disposed => (
            "Détruit",
            "Le colis a été détruit ou abandonné et n’arrivera pas.",
            &["Demandez à l’expéditeur un remplacement ou un remboursement."],
        ),
    };
    Said { name, means, advice }
}
