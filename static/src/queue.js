// The pages of an open queue. The server closes a queue that nobody uses. At that moment this clears such a page from the
// screen, has what is being typed kept, and warns before; typing counts as use, in whichever tab. Without this script a
// page stands on the screen until it is used again.

const SECOND = 1000;
const WARNS_BEFORE = 60 * SECOND;
const ASKS_EVERY = 60 * SECOND;

const lock = document.getElementById("lock");
const warning = document.getElementById("closing");
const closesAfter = Number(lock.dataset.closesAfter) * SECOND;
const tabs = new BroadcastChannel("queue");

let usedAt = Date.now();
let askedAt = usedAt;
let clearing = false;
// The form that somebody is filling in. One that came back with an error has in it what they typed before.
let typing = document.querySelector(".nhsuk-error-summary") && document.querySelector("main form[method=post]");

function use() {
  usedAt = Date.now();
  if (warning.open) warning.close();
}

async function stay() {
  askedAt = Date.now();
  // Whatever goes wrong on the way, the next look at the clock decides.
  const answer = await fetch(lock.dataset.stay, {
    method: "POST",
    body: new FormData(lock),
    redirect: "manual",
  }).catch(() => null);
  if (answer?.type === "opaqueredirect") clear();
  if (!answer?.ok) return;
  use();
  tabs.postMessage("used");
}

function clear() {
  if (clearing) return;
  clearing = true;
  document.body.hidden = true;
  const here = `?next=${encodeURIComponent(location.pathname + location.search)}`;
  if (!typing) {
    location.replace(lock.dataset.unlock + here);
    return;
  }
  typing.setAttribute("action", lock.dataset.keep + here);
  HTMLFormElement.prototype.submit.call(typing);
}

// A look at the clock, and not one long wait: a laptop that slept has not waited.
function look() {
  const idle = Date.now() - usedAt;
  if (idle >= closesAfter) clear();
  else if (idle >= closesAfter - WARNS_BEFORE && !warning.open) warning.showModal();
}

document.addEventListener("input", (event) => {
  const form = event.target.form;
  if (form?.method === "post" && form !== lock) typing = form;
  if (Date.now() - askedAt >= ASKS_EVERY) stay();
});
document.addEventListener("visibilitychange", () => {
  if (!document.hidden) stay();
});
warning.addEventListener("close", stay);
lock.addEventListener("submit", () => tabs.postMessage("locked"));
tabs.addEventListener("message", ({ data }) => (data === "locked" ? clear() : use()));
tabs.postMessage("used");
setInterval(look, SECOND);
