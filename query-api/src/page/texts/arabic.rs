//! Arabic. Digits are the European ones, as on the labels.

mod statuses;

use super::{Calendar, Facts, History, LiveTexts, Progress, Promised, Search, Texts, Trouble, plural};
use crate::page::stages::Stage;

pub(crate) const ARABIC: Texts = Texts {
    title: "تتبُّع طرد",
    intro: "اعرف أين طردك ومتى يُتوقع وصوله، من دون حساب.",
    skip: "انتقل إلى المحتوى",
    language: "اللغة",
    search: Search {
        label: "رقم التتبع",
        hint: "لتتبُّع عدة طرود معًا افصل بين الأرقام بفواصل، وبحد أقصى 20 رقمًا.",
        button: "تتبَّع",
        again: "تتبُّع طرد آخر",
        too_many: |most| format!("هذه هي الأرقام الأولى وعددها {most}. يُرجى طلب البقية على حدة."),
    },
    parcel: "الطرد",
    numbers,
    status: statuses::said,
    stage,
    progress: Progress {
        heading: "سير الشحنة", done: "تم", now: "الآن", ahead: "لاحقًا"
    },
    facts: Facts {
        from: "من", to: "إلى", carrier: "شركة الشحن", promised: "الموعد المحدد"
    },
    promise: Promised {
        today: "اليوم",
        tomorrow: "غدًا",
        in_days: |n| format!("خلال {}", days(n)),
        late: |n| format!("تأخر بمقدار {}", days(n)),
        kept: "سُلِّم في موعده",
        broken: |n| format!("سُلِّم متأخرًا بمقدار {}", days(n)),
    },
    advice: "ما الذي يمكنك فعله",
    history: History {
        heading: "ما جرى حتى الآن",
        details: "كل التفاصيل",
        all_steps: |n| format!("عرض كل الخطوات ({n})"),
    },
    archived: "أُغلق سجل هذا الطرد، ولن يُضاف إليه شيء.",
    earlier: "طرد أقدم بهذا الرقم: تعيد شركات الشحن استخدام الأرقام.",
    missing: Trouble {
        title: "لا يوجد طرد بهذا الرقم",
        text: "ربما كان الطرد حديثًا جدًا أو قديمًا جدًا، أو في الرقم خطأ.",
        hints: &[
            "قارنه حرفًا حرفًا بما ورد في رسالة المتجر أو شركة الشحن.",
            "يظهر الطرد الجديد هنا فور تسجيله لدى المتجر. حاول مجددًا بعد بضع ساعات.",
        ],
    },
    malformed: Trouble {
        title: "هذا ليس رقم تتبع",
        text: "يتكون رقم التتبع من حروف وأرقام، وبحد أقصى 64.",
        hints: &["ابحث عنه في رسالة المتجر أو شركة الشحن."],
    },
    away: Trouble {
        title: "يتعذّر البحث الآن",
        text: "سجلاتنا لا تستجيب في هذه اللحظة، ولا أثر لذلك على طردك.",
        hints: &[],
    },
    try_again: "حاول مجددًا",
    live: LiveTexts {
        on: "تتحدّث الصفحة تلقائيًا",
        off: "انقطع الاتصال، وتجري المحاولة مجددًا",
        updated: "تم التحديث:",
    },
    footer: "الأوقات محلية بحسب مكان كل خطوة. لا تعرض هذه الصفحة أسماء ولا عناوين ولا أرقام هواتف.",
    as_of: "حتى",
    calendar: Calendar {
        weekdays: ["الاثنين", "الثلاثاء", "الأربعاء", "الخميس", "الجمعة", "السبت", "الأحد"],
        months: [
            "يناير",
            "فبراير",
            "مارس",
            "أبريل",
            "مايو",
            "يونيو",
            "يوليو",
            "أغسطس",
            "سبتمبر",
            "أكتوبر",
            "نوفمبر",
            "ديسمبر",
        ],
        day: |weekday, day, month, year| format!("{weekday}، {day} {month} {year}"),
    },
    comma: "، ",
};

/// In the genitive, as every text here needs it.
fn days(n: u64) -> String {
    use plural::Arabic::{Few, Many, One, Other, Two};
    match plural::Arabic::of(n) {
        One => "يوم واحد".to_owned(),
        Two => "يومين".to_owned(),
        Few => format!("{n} أيام"),
        Many => format!("{n} يومًا"),
        Other => format!("{n} يوم"),
    }
}

fn numbers(n: u64) -> String {
    use plural::Arabic::{Few, Many, One, Other, Two};
    match plural::Arabic::of(n) {
        One => "رقم تتبع واحد".to_owned(),
        Two => "رقما تتبع".to_owned(),
        Few => format!("{n} أرقام تتبع"),
        Many | Other => format!("{n} رقم تتبع"),
    }
}

const fn stage(stage: Stage) -> &'static str {
    match stage {
        Stage::Registered => "مُسجَّل",
        Stage::Collected => "مُستلَم",
        Stage::OnItsWay => "في الطريق",
        Stage::OutForDelivery => "خرج للتوصيل",
        Stage::ReadyForCollection => "جاهز للاستلام",
        Stage::Delivered => "تم التسليم",
        Stage::Returning => "عائد",
        Stage::Returned => "أُعيد",
        Stage::Cancelled => "مُلغى",
        Stage::Expired => "انتهت المدة",
        Stage::Disposed => "أُتلف",
    }
}
