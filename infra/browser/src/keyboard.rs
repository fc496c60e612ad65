//! Whether everything can be reached by the Tab key alone.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::window::Browser;

/// Numbers all that can be operated and is in sight. Of radio buttons one of a group is reached, and arrows lead on.
const NUMBER: &str = "const wanted = 'a[href], button, input, select, textarea, summary, [tabindex]';
    const all = [...document.querySelectorAll(wanted)].filter(e =>
        !e.disabled && e.tabIndex >= 0 && e.type !== 'hidden' && e.checkVisibility({ visibilityProperty: true })
        && !(e.type === 'radio' && !e.checked));
    all.forEach((e, n) => e.dataset.tabTest = n);
    document.activeElement?.blur();
    return all.map(e => e.outerHTML.slice(0, 160))";

/// The number of what has the focus, and whether one sees that it has.
const FOCUSED: &str = "const e = document.activeElement;
    if (!e || e.dataset.tabTest === undefined) return null;
    const style = getComputedStyle(e);
    return [Number(e.dataset.tabTest), style.outlineStyle !== 'none' || style.boxShadow !== 'none']";

const TAB: u32 = 9;

/// Tab stops at each part of a date and a time, and at the button beside them, before it goes on.
const PARTS_OF_A_TIME: usize = 8;

impl Browser {
    /// The Tab key reaches every control that is in sight, and each shows that it has the focus.
    ///
    /// # Panics
    /// When it doesn't; then it names what isn't reached, or doesn't show it.
    #[track_caller]
    pub fn expect_reached_by_keyboard(&self) {
        let controls = self.run(NUMBER, &[]);
        let controls: Vec<&str> =
            controls.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let (mut reached, mut seen) = (BTreeSet::new(), BTreeSet::new());
        let times = controls.iter().filter(|control| control.contains("type=\"date")).count();
        // Once round, and past the browser's own.
        for _ in 0..controls.len() + PARTS_OF_A_TIME * times + 3 {
            if reached.len() == controls.len() {
                break;
            }
            self.press("Tab", TAB);
            let focused = self.run(FOCUSED, &[]);
            let Some(number) = focused[0].as_u64() else { continue };
            reached.insert(number as usize);
            // The button within a date has a mark of its own; the date itself had one before.
            if focused[1] == true {
                seen.insert(number as usize);
            }
        }
        let named = |wanted: &dyn Fn(usize) -> bool| -> Vec<&str> {
            let all = controls.iter().enumerate().filter(|(number, _)| wanted(*number));
            all.map(|(_, control)| *control).collect()
        };
        let missed = named(&|number| !reached.contains(&number));
        assert!(missed.is_empty(), "{}: not reached by Tab:\n{}", self.address(), missed.join("\n"));
        let unseen = named(&|number| !seen.contains(&number));
        assert!(unseen.is_empty(), "{}: has the focus unseen:\n{}", self.address(), unseen.join("\n"));
    }
}
