// The cover of a page nobody uses. The page itself is taken out of the document, not hidden: there
// is nothing beneath to read, by eye or by screen reader. It is kept in memory as it was, so that
// its owner finds every field as they left it. The server refuses requests meanwhile anyway.
(() => {
  const template = document.getElementById("ju-cover");
  const warningTemplate = document.getElementById("ju-warning");
  if (!template) return;
  const owner = template.dataset.owner;
  const warningMs = Number(template.dataset.warning) * 1000;
  const token = document.querySelector("[name=csrfmiddlewaretoken]").value;
  const SAY_EVERY_MS = 60_000;
  let endsAt = Date.now() + Number(template.dataset.left) * 1000;
  let usedAt = 0;
  let saidAt = Date.now();
  let asking = false;
  let warning = null;
  let kept = null;

  const ask = async (address, fields) => {
    const sent = fields
      ? { method: "POST", body: fields, headers: { "X-CSRFToken": token, Accept: "application/json" } }
      : { headers: { Accept: "application/json" } };
    const answer = await fetch(address, { ...sent, cache: "no-store", redirect: "error" });
    return answer.json();
  };

  const hideWarning = () => {
    warning?.remove();
    warning = null;
  };

  const showWarning = () => {
    if (warning || kept) return;
    warning = warningTemplate.content.firstElementChild.cloneNode(true);
    const words = warning.querySelector("#ju-warning-words");
    const minutes = Math.max(1, Math.round((endsAt - Date.now()) / 60_000));
    words.textContent = words.textContent.replace("2 minutes", minutes === 1 ? "1 minute" : `${minutes} minutes`);
    warning.querySelector("button").addEventListener("click", () => stay());
    document.body.append(warning);
  };

  const putCover = (state) => {
    hideWarning();
    if (!kept) {
      const field = document.activeElement;
      kept = {
        page: document.createDocumentFragment(), title: document.title, field,
        scroll: [window.scrollX, window.scrollY],
        marks: field && "selectionStart" in field ? [field.selectionStart, field.selectionEnd] : null,
      };
      while (document.body.firstChild) kept.page.append(document.body.firstChild);
      document.body.append(template.content.cloneNode(true));
      document.title = "Covered – joinedup";
      for (const form of document.querySelectorAll("form")) {
        const hidden = document.createElement("input");
        Object.assign(hidden, { type: "hidden", name: "csrfmiddlewaretoken", value: token });
        form.append(hidden);
      }
      revealPasskeys(document);
      document.querySelector(".ju-cover h1").focus();
    }
    for (const part of document.querySelectorAll(".ju-cover [data-when]")) {
      part.hidden = part.dataset.when !== (state === "ended" ? "ended" : "covered");
    }
  };

  const takeCoverOff = () => {
    if (!kept) return;
    const { page, title, field, scroll, marks } = kept;
    kept = null;
    document.body.replaceChildren(page);
    document.title = title;
    window.scrollTo(...scroll);
    field?.focus?.({ preventScroll: true });
    try {
      if (marks && marks[0] !== null) field.setSelectionRange(...marks);
    } catch {
      // A field of dates or numbers has no place of the cursor to go back to.
    }
  };

  const say = (words) => {
    for (const place of document.querySelectorAll(".ju-cover__problem")) place.textContent = words;
  };

  const heed = (answer) => {
    if (answer.state === "open" && answer.owner === owner) {
      endsAt = Date.now() + answer.left * 1000;
      if (answer.left * 1000 > warningMs) hideWarning();
      takeCoverOff();
    } else if (answer.state === "open") {
      putCover("ended");
      say("Somebody else is signed in on this device now. This page stays covered.");
    } else {
      putCover(answer.state);
    }
  };

  const look = async () => {
    if (asking) return;
    asking = true;
    try {
      heed(await ask("/session/left"));
    } catch {
      if (Date.now() >= endsAt) putCover("covered");
    } finally {
      asking = false;
    }
  };

  const stay = async () => {
    saidAt = Date.now();
    try {
      heed(await ask("/session/here", new URLSearchParams()));
    } catch {
      // Not reached: the clock runs on, and the cover goes up in time.
    }
  };

  const used = () => {
    if (kept) return;
    usedAt = Date.now();
    if (Date.now() < endsAt && (warning || usedAt - saidAt >= SAY_EVERY_MS)) stay();
  };
  for (const kind of ["keydown", "pointerdown", "input", "wheel", "touchstart"]) {
    document.addEventListener(kind, used, { capture: true, passive: true });
  }

  // Use that was not told yet, because it was told less than a minute before; but not use of long
  // ago, such as before the device slept.
  const isNews = () =>
    usedAt > saidAt && Date.now() - saidAt >= SAY_EVERY_MS && Date.now() - usedAt < 2 * SAY_EVERY_MS;

  const tick = () => {
    const left = endsAt - Date.now();
    if (kept) return;
    if (left <= 0) {
      putCover("covered");
      look();
    } else if (isNews()) {
      stay();
    } else if (left <= warningMs && !warning) {
      showWarning();
      look(); // Somebody may be busy in another tab of the same sign-in.
    }
  };
  setInterval(tick, 1000);
  document.addEventListener("visibilitychange", () => document.hidden || tick());
  // A page brought back by the browser's own history may be older than its sign-in.
  window.addEventListener("pageshow", (event) => event.persisted && look());

  document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (!kept || !form.closest(".ju-cover") || form.matches("[data-leave]")) return;
    if (form.matches("[data-passkey]") && !form.dataset.ready) return;
    event.preventDefault();
    say("");
    try {
      const fields = form.matches("[data-look]") ? null : new URLSearchParams(new FormData(form));
      const answer = await ask(fields ? "/session/return" : "/session/left", fields);
      if (answer.state !== "open" || answer.words) say(answer.words || "You are not signed in yet.");
      heed(answer);
    } catch {
      say("We cannot reach joinedup just now. Nothing is lost; try again in a minute.");
    }
  }, { capture: true });
})();
