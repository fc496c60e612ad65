// Live parts, times in the viewer's zone, signing in by a link from elsewhere. Every page works without it.
'use strict';

(() => {
  const EVERY = 2000;

  // Times are sent in UTC, which stays on hover.
  const zone = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' });
  const localise = (root) => {
    for (const time of root.querySelectorAll('time[datetime]')) {
      const at = new Date(time.dateTime);
      if (!Number.isNaN(at.valueOf())) time.textContent = zone.format(at);
    }
  };

  // What is the same stays as it is, with its focus, its selection, and whatever is open.
  const morph = (from, to) => {
    if (from.nodeType !== to.nodeType || from.nodeName !== to.nodeName || from.id !== to.id) {
      from.replaceWith(to);
      return;
    }
    if (from.nodeType !== Node.ELEMENT_NODE) {
      if (from.nodeValue !== to.nodeValue) from.nodeValue = to.nodeValue;
      return;
    }
    for (const { name } of [...from.attributes]) {
      if (name !== 'open' && !to.hasAttribute(name)) from.removeAttribute(name);
    }
    for (const { name, value } of to.attributes) {
      if (from.getAttribute(name) !== value) from.setAttribute(name, value);
    }
    const [before, after] = [[...from.childNodes], [...to.childNodes]];
    after.forEach((child, at) => (before[at] ? morph(before[at], child) : from.append(child)));
    before.slice(after.length).forEach((child) => child.remove());
  };

  const parts = () => document.querySelectorAll('main [data-live]');
  let paused = false;
  let failed = 0;

  const refresh = async () => {
    try {
      const answer = await fetch(location.href, { headers: { Accept: 'text/html' }, redirect: 'manual', cache: 'no-store' });
      // Signed out: the page itself leads to where one signs in.
      if (answer.type === 'opaqueredirect' || answer.status === 401) return location.reload();
      if (!answer.headers.get('content-type')?.startsWith('text/html')) throw new Error(answer.status);
      const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html');
      localise(fresh);
      for (const part of parts()) {
        const now = fresh.getElementById(part.id);
        if (now) morph(part, now);
      }
      failed = 0;
    } catch {
      failed += 1;
    }
    document.body.classList.toggle('stale', failed > 1);
  };

  const tick = async () => {
    if (!paused && document.visibilityState === 'visible') await refresh();
    // Later and later while nobody answers.
    setTimeout(tick, EVERY * Math.min(1 + failed, 8));
  };

  localise(document);
  if (parts().length > 0) {
    const button = document.querySelector('[data-pause]');
    button.hidden = false;
    button.addEventListener('click', () => {
      paused = !paused;
      button.textContent = paused ? 'Go on updating' : 'Pause updates';
    });
    setTimeout(tick, EVERY);
  }

  // Browsers leave the cookie out when a link on another site leads here; asked from here, they send it.
  const { next } = document.body.dataset;
  if (next) {
    fetch(next, { headers: { Accept: 'text/html' }, redirect: 'manual' }).then((answer) => {
      if (answer.ok) location.replace(next);
    }, () => {});
  }
})();
