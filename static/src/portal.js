// Every page works without this file. It starts the NHS design system's components, which improve them.
import { initAll } from "./nhsuk-frontend.js";

initAll();

// A browser may refuse a passkey, or be told to. Without words nothing would seem to happen.
document.addEventListener("allauth.error", (event) => {
  const said = document.getElementById("passkey-failed");
  event.preventDefault();
  document.getElementById("maincontent").prepend(said);
  said.hidden = false;
  said.focus();
});
