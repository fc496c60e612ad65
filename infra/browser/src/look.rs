//! Who looks: on what screen, in which language.

use serde_json::json;

use crate::window::Browser;

/// Who looks at a page.
#[derive(Clone, Copy, Debug)]
pub struct Look {
    /// CSS pixels.
    pub width: u32,
    /// CSS pixels.
    pub height: u32,
    /// A phone: touched, and with a viewport as phones have it.
    pub phone: bool,
    /// Device pixels to a CSS pixel.
    pub scale: f64,
    /// Prefers a dark page.
    pub dark: bool,
    /// `Accept-Language`.
    pub language: &'static str,
    /// Whether scripts run.
    pub scripts: bool,
    /// The zone of the viewer's clock.
    pub zone: &'static str,
}

impl Look {
    /// A desktop's window, 1,280 by 800.
    pub const DESKTOP: Self = Self {
        width: 1280,
        height: 800,
        phone: false,
        scale: 1.0,
        dark: false,
        language: "en",
        scripts: true,
        zone: "Europe/Berlin",
    };
    /// A small phone, 360 by 740.
    pub const PHONE: Self = Self { width: 360, height: 740, phone: true, ..Self::DESKTOP };
}

impl Browser {
    /// From now on somebody else looks; what is shown already stays until the next page.
    ///
    /// # Panics
    /// When the browser refuses.
    #[track_caller]
    pub fn look(&self, look: &Look) {
        let agent = self.run("return navigator.userAgent", &[]);
        let scheme = if look.dark { "dark" } else { "light" };
        for (command, parameters) in [
            (
                "Emulation.setDeviceMetricsOverride",
                json!({ "width": look.width, "height": look.height, "deviceScaleFactor": look.scale, "mobile": look.phone }),
            ),
            ("Emulation.setTouchEmulationEnabled", json!({ "enabled": look.phone })),
            (
                "Emulation.setEmulatedMedia",
                json!({ "features": [
                    { "name": "prefers-color-scheme", "value": scheme },
                    // Nothing is caught in the middle of a movement.
                    { "name": "prefers-reduced-motion", "value": "reduce" },
                ] }),
            ),
            ("Emulation.setTimezoneOverride", json!({ "timezoneId": look.zone })),
            (
                "Emulation.setUserAgentOverride",
                json!({ "userAgent": agent, "acceptLanguage": look.language }),
            ),
            ("Emulation.setScriptExecutionDisabled", json!({ "value": !look.scripts })),
        ] {
            self.dev_tools(command, &parameters);
        }
    }
}
