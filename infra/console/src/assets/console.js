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

  const parts = (of = document) => [...of.querySelectorAll('main [data-live]')];
  let paused = false;
  let failed = 0;
  // What a person typed, or may type, is not taken away.
  let typed = false;
  document.addEventListener('input', () => { typed = true; });
  const mayType = () => typed || document.querySelector('main form[method="post"] :is(input:not([type="hidden"]), select, textarea)');

  const take = (answer, fresh) => {
    const main = document.querySelector('main');
    const now = fresh.querySelector('main');
    const has = (of) => (part) => of.getElementById(part.id);
    if (parts().every(has(fresh)) && parts(fresh).every(has(document))) {
      for (const part of parts()) morph(part, fresh.getElementById(part.id));
    } else if (now && (answer.ok || parts(fresh).length > 0) && !mayType()) {
      // It has become another page: what it was about is away, or back, or done.
      main.replaceWith(now);
      document.title = fresh.title;
      moments(now);
    } else {
      throw new Error(answer.status);
    }
  };

  const refresh = async () => {
    try {
      const answer = await fetch(location.href, { headers: { Accept: 'text/html' }, redirect: 'manual', cache: 'no-store' });
      // Signed out: the page itself leads to where one signs in.
      if (answer.type === 'opaqueredirect' || answer.status === 401) return location.reload();
      if (!answer.headers.get('content-type')?.startsWith('text/html')) throw new Error(answer.status);
      const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html');
      localise(fresh);
      take(answer, fresh);
      failed = 0;
    } catch {
      failed += 1;
    }
    document.body.classList.toggle('stale', failed > 1);
  };

  const button = document.querySelector('[data-pause]');
  const tick = async () => {
    if (!paused && document.visibilityState === 'visible') await refresh();
    // Nothing moves any more, or later and later while nobody answers.
    if (parts().length === 0) button.hidden = true;
    else setTimeout(tick, EVERY * Math.min(1 + failed, 8));
  };

  localise(document);
  if (parts().length > 0) {
    button.hidden = false;
    button.addEventListener('click', () => {
      paused = !paused;
      button.textContent = paused ? 'Go on updating' : 'Pause updates';
    });
    setTimeout(tick, EVERY);
  }

  // Moments are sent in UTC, as without a script, and typed in the viewer's zone.
  const local = (utc) => {
    const at = new Date(`${utc.length === 16 ? `${utc}:00` : utc}Z`);
    return Number.isNaN(at.valueOf()) ? utc : new Date(at - at.getTimezoneOffset() * 60000).toISOString().slice(0, 19);
  };
  const moment = (field) => {
    const shown = field.querySelector('input');
    const sent = document.createElement('input');
    sent.type = 'hidden';
    sent.name = shown.name;
    shown.removeAttribute('name');
    shown.after(sent);
    field.querySelector('[data-zone]').textContent = '(your time)';
    const hint = field.querySelector('[data-utc]');
    const update = () => {
      const at = shown.value ? new Date(shown.value) : null;
      sent.value = at && !Number.isNaN(at.valueOf()) ? at.toISOString().slice(0, 19) : '';
      sent.disabled = !sent.value;
      hint.hidden = !sent.value;
      hint.textContent = sent.value ? `${sent.value.replace('T', ' ')} UTC` : '';
    };
    if (shown.value) shown.value = local(shown.value);
    shown.addEventListener('input', update);
    update();
  };
  const moments = (of) => of.querySelectorAll('[data-moment]').forEach(moment);
  moments(document);

  // Forms that have been sent. Pages come anew, so it is the document that listens.
  let sent = new WeakSet();
  document.addEventListener('submit', (event) => {
    const form = event.target;
    if (form.matches('form.search')) {
      // What is empty needs no place in an address.
      for (const field of form.elements) if (field.name && !field.value) field.disabled = true;
    } else if (form.method === 'post') {
      // A button that sends a form sends it once.
      if (sent.has(form)) event.preventDefault();
      sent.add(form);
    }
  });
  // Back in history: the browser shows the page as it was left.
  addEventListener('pageshow', ({ persisted }) => {
    if (!persisted) return;
    for (const field of document.querySelectorAll('form.search [name]')) field.disabled = false;
    sent = new WeakSet();
  });

  // Records as they come, the newest on top.
  const MOST_ROWS = 200;
  for (const body of document.querySelectorAll('tbody[data-stream]')) {
    const told = document.querySelector('[data-following]');
    const source = new EventSource(body.dataset.stream);
    const say = (text) => { if (told) told.textContent = text; };
    source.addEventListener('open', () => say('Following.'));
    source.addEventListener('error', () => say(source.readyState === EventSource.CLOSED ? 'Following ended; reload the page.' : 'Connecting…'));
    source.addEventListener('record', ({ data }) => {
      const fresh = new DOMParser().parseFromString(`<table><tbody>${data}</tbody></table>`, 'text/html');
      localise(fresh);
      const row = fresh.querySelector('tr');
      if (!row) return;
      row.classList.add('new');
      body.prepend(row);
      setTimeout(() => row.classList.remove('new'), 2000);
      while (body.rows.length > MOST_ROWS) body.rows[MOST_ROWS].remove();
    });
  }

  // Browsers leave the cookie out when a link on another site leads here; asked from here, they send it.
  const { next } = document.body.dataset;
  if (next) {
    fetch(next, { headers: { Accept: 'text/html' }, redirect: 'manual' }).then((answer) => {
      if (answer.ok) location.replace(next);
    }, () => {});
  }
})();
