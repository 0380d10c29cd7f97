// What somebody types is kept as a draft while they do, so that nothing is lost when a phone rings. Without this script
// the page saves when they press the button, as it does with it.

const form = document.querySelector("form[data-draft]");
const words = form.elements.words;
const told = document.getElementById("draft-told");
const PAUSE = 1500; // milliseconds without a key
const LONGEST_WAIT = 15000; // for whoever never pauses, and until the next try of what may pass
const mayPass = (status) => status === 429 || status >= 500; // too fast, or the portal starts anew
const MOST_BEHIND = 60000; // bytes: browsers send no more for a page that is gone

let kept = words.value;
let timer = 0;
let waitsSince = 0;
let sending = false;
let isOver = false;

// A screen reader reads what changes here, so the same words are not written again with each draft.
function tell(what) {
  if (told.textContent !== what) told.textContent = what;
}

function wait() {
  if (isOver) return;
  clearTimeout(timer);
  waitsSince ||= Date.now();
  timer = setTimeout(keep, Math.min(PAUSE, Math.max(0, waitsSince + LONGEST_WAIT - Date.now())));
}

async function keep() {
  clearTimeout(timer);
  if (isOver || sending || words.value === kept) return;
  const typed = words.value;
  const { version, turn } = form.elements;
  sending = true;
  waitsSince = 0;
  const answer = await fetch(`${form.dataset.draft}&version=${version.value}&turn=${turn.value}`, {
    method: "POST",
    body: typed,
    headers: { "X-CSRFToken": form.elements.csrfmiddlewaretoken.value },
    credentials: "same-origin",
    redirect: "error",
    keepalive: new Blob([typed]).size < MOST_BEHIND, // goes on when somebody leaves the page
  }).catch(() => null);
  sending = false;
  if (isOver) return;
  if (answer?.ok) {
    turn.value = (await answer.json()).turn;
    kept = typed;
    tell("Draft saved");
  } else {
    tell(await whyNot(answer));
  }
  if (words.value !== typed) wait();
  else if (!answer || mayPass(answer.status)) timer = setTimeout(keep, LONGEST_WAIT);
}

async function whyNot(answer) {
  if (!answer) return "The draft is not saved: there is no connection. Your words are still on this page.";
  if (answer.headers.get("Content-Type")?.startsWith("application/json")) return (await answer.json()).why;
  return answer.status === 403
    ? "The draft is not saved: you are no longer signed in. Your words are still on this page. Press “Save” and sign in: they wait for you for half an hour."
    : "The draft is not saved just now. Your words are still on this page.";
}

words.addEventListener("input", wait);
addEventListener("online", keep);
// Whoever turns to another tab or app may not come back to this one.
document.addEventListener("visibilitychange", () => {
  if (document.hidden) keep();
});
form.addEventListener("submit", () => {
  isOver = true;
  clearTimeout(timer);
});
// "Back" to this page from the next one: a browser may have kept it as it stood.
addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});
