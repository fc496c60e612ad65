//! What a status means, in Spanish.

use shipment_events::Status;

use crate::page::texts::Said;

/// What is said of a status.
#[allow(clippy::too_many_lines, reason = "a table")]
pub(super) const fn said(status: Status) -> Said {
    let (name, means, advice): (_, _, &'static [&'static str]) = match status {
        Status::Registered => {
            ("Registrado", "El remitente ha registrado el paquete. El transportista aún no lo tiene.", &[])
        }
        Status::InfoReceived => (
            "Anunciado al transportista",
            "El transportista sabe del paquete y espera que se lo entreguen.",
            &[],
        ),
        Status::Expired => (
            "Nunca entregado al transportista",
            "El anuncio caducó: el transportista nunca recibió el paquete.",
            &[
                "Pregunte al remitente si lo envió con otro número.",
                "Si no lo envió, pida al remitente que le devuelva el dinero.",
            ],
        ),
        Status::Cancelled => (
            "Cancelado",
            "El remitente ha anulado este envío.",
            &["Si no lo esperaba, pregunte al remitente."],
        ),
        Status::PickedUp => ("En manos del transportista", "El transportista tiene el paquete.", &[]),
        Status::InTransit => ("En camino", "El paquete avanza hacia su destino.", &[]),
        Status::Customs => (
            "En la aduana",
            "La aduana está revisando el paquete. Puede tardar unos días.",
            &[
                "Esté atento a un mensaje del transportista: la aduana puede pedir un documento o un pago.",
                "Pague solo en la web del transportista y no siga enlaces de mensajes inesperados.",
            ],
        ),
        Status::Delayed => (
            "Con retraso",
            "El paquete va más tarde de lo previsto, pero sigue en camino.",
            &["No tiene que hacer nada. El próximo paso aparecerá aquí en cuanto se conozca."],
        ),
        Status::OnHold => (
            "Retenido",
            "El transportista guarda el paquete a la espera de algo, como instrucciones o una fecha.",
            &["Pregunte al transportista qué espera. Tenga a mano el número de seguimiento."],
        ),
        Status::OutForDelivery => ("En reparto", "El paquete va en el vehículo del repartidor.", &[]),
        Status::AttemptFailed => (
            "Intento de entrega",
            "El repartidor pasó y no pudo entregar el paquete.",
            &[
                "Busque un aviso en su buzón o en su correo electrónico.",
                "Acuerde con el transportista otro día o un punto de recogida.",
                "Compruebe que su nombre figura en el timbre y que la dirección está completa.",
            ],
        ),
        Status::AvailableForPickup => (
            "Listo para recoger",
            "El paquete le espera en un punto de recogida.",
            &[
                "Lleve un documento de identidad y el número de seguimiento o el aviso.",
                "No tarde mucho: pasados unos días, el paquete vuelve al remitente.",
            ],
        ),
        Status::Exception => (
            "Incidencia",
            "El transportista comunica un problema con el paquete.",
            &[
                "Pregunte al transportista qué necesita. Tenga a mano el número de seguimiento.",
                "Confirme con el remitente que la dirección es correcta.",
            ],
        ),
        Status::Damaged => (
            "Dañado",
            "El transportista encontró daños en el paquete.",
            &[
                "Pregunte al remitente qué hará: puede enviarle otro.",
                "Si llega, haga fotos antes de abrirlo y anote los daños al firmar.",
            ],
        ),
        Status::Lost => (
            "No localizado",
            "El transportista no encuentra el paquete por ahora. Todavía puede aparecer.",
            &[
                "Pida al remitente que abra una reclamación con el transportista.",
                "El remitente puede enviarle otro paquete o devolverle el dinero.",
            ],
        ),
        Status::Delivered => (
            "Entregado",
            "El paquete fue entregado.",
            &["¿No lo tiene? Pregunte a sus vecinos, busque un aviso y después contacte con el remitente."],
        ),
        Status::Returning => (
            "De vuelta al remitente",
            "El paquete no se pudo entregar y vuelve al remitente.",
            &["Pida al remitente que lo envíe de nuevo o que le devuelva el dinero."],
        ),
        Status::Returned => (
            "Devuelto al remitente",
            "El remitente tiene de nuevo el paquete.",
            &["Pida al remitente que lo envíe de nuevo o que le devuelva el dinero."],
        ),
        Status::Disposed => (
            "Destruido",
            "El paquete fue destruido o abandonado y no llegará.",
            &["Pida al remitente otro paquete o que le devuelva el dinero."],
        ),
    };
    Said { name, means, advice }
}
