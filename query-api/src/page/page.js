// Keeps the page up to date: hears that something changed, fetches the page anew, and puts what differs in its place.
"use strict";
(() => {
  const main = document.getElementById("main");
  const news = document.getElementById("news");
  if (!main || !news || !main.dataset.live || !window.EventSource) return;

  const FIRST = 2000; // milliseconds before the first new try; each further one doubles
  const LONGEST = 120000;
  const HIDDEN = 60000; // a page that nobody looks at for so long listens no more
  const { on, off, updated } = main.dataset;
  const timers = new Map(); // what waits to be tried again, and its timer
  let source, hiding, pause = FIRST, wanted = 0, fetching = false;

  const light = document.createElement("p");
  light.className = "live";
  light.setAttribute("role", "status");
  news.before(light);
  const show = (works) => {
    const text = works ? on : off;
    if (light.textContent !== text) light.textContent = text; // said once, where it is read out
    light.classList.toggle("off", !works);
  };

  const version = () => Number(main.dataset.version);

  const stop = () => {
    timers.forEach((timer) => clearTimeout(timer));
    timers.clear();
    source?.close();
    source = undefined;
  };

  // Waits a little longer each time, and not as long as everybody else.
  const later = (what) => {
    clearTimeout(timers.get(what));
    timers.set(what, setTimeout(what, pause * (0.5 + Math.random())));
    pause = Math.min(pause * 2, LONGEST);
  };

  const listen = () => {
    stop();
    if (!main.dataset.live) return light.remove(); // all is delivered
    source = new EventSource(main.dataset.live);
    source.addEventListener("changed", (event) => {
      pause = FIRST;
      show(true);
      wanted = Math.max(wanted, JSON.parse(event.data).version);
      refresh();
    });
    source.onerror = () => {
      stop();
      show(false);
      later(listen);
    };
  };

  const refresh = async () => {
    const goal = wanted;
    if (fetching || goal <= version()) return;
    fetching = true;
    try {
      const answer = await fetch(location.href, { cache: "no-store" });
      // The number is no parcel's any more: the page that says so is another one, and listens to nothing.
      if (answer.status === 404 || answer.status === 400) return location.reload();
      if (!answer.ok) throw new Error(answer.status);
      replace(new DOMParser().parseFromString(await answer.text(), "text/html"));
    } catch {
      return later(refresh);
    } finally {
      fetching = false;
    }
    if (!main.dataset.live) listen();
    else if (version() < goal) later(refresh); // whoever answered is a little behind
    else refresh();
  };

  const replace = (page) => {
    const next = page.getElementById("main");
    const old = document.querySelectorAll("#parcels > *");
    const fresh = [...next.querySelectorAll("#parcels > *")];
    const said = [...old].map((card) => card.dataset.says);
    const told = fresh.map((card) => card.dataset.says).filter((says, at) => says !== said[at]);
    fresh.forEach((card, at) => {
      if (!old[at]) document.getElementById("parcels").append(card);
      else if (old[at].outerHTML !== card.outerHTML) {
        const link = [...old[at].querySelectorAll("a")].indexOf(document.activeElement);
        old[at].replaceWith(card);
        // Whoever stood on a link stands on it again.
        card.querySelectorAll("a")[link]?.focus({ preventScroll: true });
      }
    });
    document.getElementById("as-of").replaceWith(page.getElementById("as-of"));
    document.title = page.title;
    main.dataset.version = next.dataset.version;
    if (next.dataset.live) main.dataset.live = next.dataset.live;
    else delete main.dataset.live;
    if (told.length) news.textContent = `${updated} ${told.join(", ")}`;
  };

  addEventListener("visibilitychange", () => {
    clearTimeout(hiding);
    if (document.hidden) hiding = setTimeout(stop, HIDDEN);
    else if (!source) listen();
  });
  addEventListener("pagehide", stop);
  addEventListener("pageshow", (event) => event.persisted && listen());
  listen();
})();
