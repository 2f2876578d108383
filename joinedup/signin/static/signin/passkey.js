// Passkeys: a form marked data-passkey asks us what to ask the browser for (data-wish), asks it,
// and is sent with the answer. Where the browser knows no passkeys such a form stays hidden.
// A page and the cover over it may both load this; the second time changes nothing.
if (!window.revealPasskeys) (() => {
  const toBytes = (text) =>
    Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
  const toText = (buffer) =>
    btoa(String.fromCharCode(...new Uint8Array(buffer)))
      .replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

  function forBrowser(options) {
    const wish = { ...options.publicKey, challenge: toBytes(options.publicKey.challenge) };
    if (wish.user) wish.user = { ...wish.user, id: toBytes(wish.user.id) };
    for (const name of ["allowCredentials", "excludeCredentials"]) {
      if (wish[name]) wish[name] = wish[name].map((c) => ({ ...c, id: toBytes(c.id) }));
    }
    return { publicKey: wish };
  }

  function forServer(made) {
    const response = { clientDataJSON: toText(made.response.clientDataJSON) };
    for (const name of ["attestationObject", "authenticatorData", "signature", "userHandle"]) {
      if (made.response[name]) response[name] = toText(made.response[name]);
    }
    return JSON.stringify({
      id: made.id, rawId: toText(made.rawId), type: made.type, response,
      clientExtensionResults: made.getClientExtensionResults(),
    });
  }

  async function answered(form) {
    const token = form.querySelector("[name=csrfmiddlewaretoken]").value;
    const asked = await fetch(form.dataset.wish, {
      method: "POST", headers: { "X-CSRFToken": token, Accept: "application/json" },
    });
    if (!asked.ok) throw new Error("refused");
    const wish = forBrowser(await asked.json());
    const make = form.dataset.passkey === "create";
    return forServer(await (make ? navigator.credentials.create(wish) : navigator.credentials.get(wish)));
  }

  document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (!form.matches("[data-passkey]") || form.dataset.ready) return;
    event.preventDefault();
    const problem = form.querySelector(".ju-passkey__problem");
    problem.textContent = "Waiting for your device…";
    try {
      form.elements.credential.value = await answered(form);
    } catch {
      problem.textContent = "No passkey was used. Try again, or go on in another way.";
      return;
    }
    problem.textContent = "";
    form.dataset.ready = "yes";
    form.requestSubmit();
    delete form.dataset.ready;
  });

  function revealPasskeys(root) {
    if (!window.PublicKeyCredential) return;
    for (const form of root.querySelectorAll("form[data-passkey]")) form.hidden = false;
  }
  window.revealPasskeys = revealPasskeys; // cover.js shows a form later
  revealPasskeys(document);
})();
