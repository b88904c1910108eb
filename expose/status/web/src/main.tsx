import { render } from "preact";
import { App } from "./app.tsx";
import { begin } from "./store.ts";

const root = document.getElementById("app");
if (root) {
  begin();
  root.replaceChildren(); // what is there is for readers without JavaScript
  render(<App />, root);
}
