//! French.

mod statuses;

use super::plural::up_to_one_or_more;
use super::{Calendar, Facts, History, LiveTexts, Progress, Promised, Search, Texts, Trouble};
use crate::page::stages::Stage;

pub(crate) const FRENCH: Texts = Texts {
    title: "Suivre un colis",
    intro: "Voyez où se trouve votre colis et quand il devrait arriver. Aucun compte n’est nécessaire.",
    skip: "Aller au contenu",
    language: "Langue",
    search: Search {
        label: "Numéro de suivi",
        hint: "Plusieurs à la fois\u{a0}: séparez-les par des virgules, 20 au maximum.",
        button: "Suivre",
        again: "Suivre un autre colis",
        too_many: |most| {
            format!("Voici les {most} premiers numéros. Veuillez demander les autres séparément.")
        },
    },
    parcel: "Colis",
    numbers: |n| up_to_one_or_more(n, "numéro de suivi", "numéros de suivi"),
    status: statuses::said,
    stage,
    progress: Progress { heading: "Avancement", done: "fait", now: "en ce moment", ahead: "à venir" },
    facts: Facts { from: "De", to: "À", carrier: "Transporteur", promised: "Promis pour le" },
    promise: Promised {
        today: "aujourd’hui",
        tomorrow: "demain",
        in_days: |n| format!("dans {}", days(n)),
        late: |n| format!("{} de retard", days(n)),
        kept: "livré à temps",
        broken: |n| format!("livré avec {} de retard", days(n)),
    },
    advice: "Ce que vous pouvez faire",
    history: History {
        heading: "Le parcours jusqu’ici",
        details: "Tous les détails",
        all_steps: |n| format!("Afficher les {n} étapes"),
    },
    archived: "Le dossier de ce colis est clos. Rien n’y sera plus ajouté.",
    earlier: "Un colis plus ancien portant ce numéro\u{a0}: les transporteurs réutilisent les numéros.",
    missing: Trouble {
        title: "Aucun colis ne porte ce numéro",
        text: "Il est peut-être trop récent ou trop ancien, ou le numéro contient une erreur.",
        hints: &[
            "Comparez-le, caractère par caractère, avec le message de la boutique ou du transporteur.",
            "Un nouveau colis apparaît ici dès que la boutique l’a enregistré. Réessayez dans quelques heures.",
        ],
    },
    malformed: Trouble {
        title: "Ce n’est pas un numéro de suivi",
        text: "Un numéro de suivi se compose de lettres et de chiffres, 64 au maximum.",
        hints: &["Cherchez-le dans le message de la boutique ou du transporteur."],
    },
    away: Trouble {
        title: "Recherche impossible pour l’instant",
        text: "Nos données ne répondent pas en ce moment. Votre colis n’est pas concerné.",
        hints: &[],
    },
    try_again: "Réessayer",
    live: LiveTexts {
        on: "Mise à jour automatique",
        off: "Connexion perdue, nouvel essai en cours",
        updated: "Mis à jour\u{a0}:",
    },
    footer: "Les heures sont celles du lieu de chaque étape. Cette page n’affiche ni nom, ni adresse, ni numéro de \
             téléphone.",
    as_of: "État au",
    calendar: Calendar {
        weekdays: ["lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"],
        months: [
            "janvier",
            "février",
            "mars",
            "avril",
            "mai",
            "juin",
            "juillet",
            "août",
            "septembre",
            "octobre",
            "novembre",
            "décembre",
        ],
        day: |weekday, day, month, year| {
            let day = if day == 1 { "1er".to_owned() } else { day.to_string() };
            format!("{weekday} {day} {month} {year}")
        },
    },
    comma: ", ",
};

fn days(n: u64) -> String {
    up_to_one_or_more(n, "jour", "jours")
}

const fn stage(stage: Stage) -> &'static str {
    match stage {
        Stage::Registered => "Enregistré",
        Stage::Collected => "Pris en charge",
        Stage::OnItsWay => "En route",
        Stage::OutForDelivery => "En livraison",
        Stage::ReadyForCollection => "À retirer",
        Stage::Delivered => "Livré",
        Stage::Returning => "En retour",
        Stage::Returned => "Retourné",
        Stage::Cancelled => "Annulé",
        Stage::Expired => "Expiré",
        Stage::Disposed => "Détruit",
    }
}
