//! Spanish.

mod statuses;

use super::plural::one_or_more;
use super::{Calendar, Facts, History, LiveTexts, Progress, Promised, Search, Texts, Trouble};
use crate::page::stages::Stage;

pub(crate) const SPANISH: Texts = Texts {
    title: "Seguir un paquete",
    intro: "Vea dónde está su paquete y cuándo debería llegar. No hace falta ninguna cuenta.",
    skip: "Ir al contenido",
    language: "Idioma",
    search: Search {
        label: "Número de seguimiento",
        hint: "Varios a la vez: sepárelos con comas, 20 como máximo.",
        button: "Seguir",
        again: "Seguir otro paquete",
        too_many: |most| format!("Estos son los primeros {most} números. Consulte los demás por separado."),
    },
    parcel: "Paquete",
    numbers: |n| one_or_more(n, "número de seguimiento", "números de seguimiento"),
    status: statuses::said,
    stage,
    progress: Progress { heading: "Progreso", done: "hecho", now: "ahora", ahead: "pendiente" },
    facts: Facts { from: "Desde", to: "Hasta", carrier: "Transportista", promised: "Prometido para el" },
    promise: Promised {
        today: "hoy",
        tomorrow: "mañana",
        in_days: |n| format!("dentro de {}", days(n)),
        late: |n| format!("{} de retraso", days(n)),
        kept: "entregado a tiempo",
        broken: |n| format!("entregado con {} de retraso", days(n)),
    },
    advice: "Qué puede hacer",
    history: History {
        heading: "El recorrido hasta ahora",
        details: "Todos los detalles",
        all_steps: |n| format!("Mostrar los {n} pasos"),
    },
    archived: "El expediente de este paquete está cerrado. No se añadirá nada más.",
    earlier: "Un paquete anterior con este número: los transportistas reutilizan los números.",
    missing: Trouble {
        title: "Ningún paquete tiene este número",
        text: "Puede ser demasiado nuevo o demasiado antiguo, o el número contiene un error.",
        hints: &[
            "Compárelo, carácter por carácter, con el mensaje de la tienda o del transportista.",
            "Un paquete nuevo aparece aquí en cuanto la tienda lo registra. Inténtelo de nuevo en unas horas.",
        ],
    },
    malformed: Trouble {
        title: "Eso no es un número de seguimiento",
        text: "Un número de seguimiento tiene letras y cifras, 64 como máximo.",
        hints: &["Búsquelo en el mensaje de la tienda o del transportista."],
    },
    away: Trouble {
        title: "Ahora mismo no podemos consultarlo",
        text: "Nuestros datos no responden en este momento. A su paquete no le afecta.",
        hints: &[],
    },
    try_again: "Intentar de nuevo",
    live: LiveTexts {
        on: "Se actualiza sola",
        off: "Conexión perdida, reintentando",
        updated: "Actualizado:",
    },
    footer: "Las horas son las del lugar de cada paso. Esta página no muestra nombres, direcciones ni teléfonos.",
    as_of: "Situación a",
    calendar: Calendar {
        weekdays: ["lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo"],
        months: [
            "enero",
            "febrero",
            "marzo",
            "abril",
            "mayo",
            "junio",
            "julio",
            "agosto",
            "septiembre",
            "octubre",
            "noviembre",
            "diciembre",
        ],
        day: |weekday, day, month, year| format!("{weekday}, {day} de {month} de {year}"),
    },
    comma: ", ",
};

fn days(n: u64) -> String {
    one_or_more(n, "día", "días")
}

const fn stage(stage: Stage) -> &'static str {
    match stage {
        Stage::Registered => "Registrado",
        Stage::Collected => "Recogido",
        Stage::OnItsWay => "En camino",
        Stage::OutForDelivery => "En reparto",
        Stage::ReadyForCollection => "Por recoger",
        Stage::Delivered => "Entregado",
        Stage::Returning => "De vuelta",
        Stage::Returned => "Devuelto",
        Stage::Cancelled => "Cancelado",
        Stage::Expired => "Caducado",
        Stage::Disposed => "Destruido",
    }
}
