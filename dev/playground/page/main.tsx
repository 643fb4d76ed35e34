/** The playground's page. */
import "./styles/page.css";
import { render } from "preact";
import { App } from "./app.tsx";

render(<App />, document.getElementById("page")!);
