import { signal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { Account } from "./project/account.tsx";
import { ConnectForm } from "./project/connect-form.tsx";
import { project } from "./project/session.ts";
import { AnalyseRoom } from "./analyse/analyse-room.tsx";

/** Of the project; put in by the build. */
declare const VERSION: string;

/** A tab of the page. */
interface Room {
  name: string;
  title: string;
  content: () => ComponentChildren;
}

const rooms: Room[] = [
  { name: "analyse", title: "Analyse", content: () => <AnalyseRoom /> },
];

const openRoom = signal(readHash());

addEventListener("hashchange", () => openRoom.value = readHash());

function readHash(): string {
  const name = location.hash.slice(1);
  return rooms.some((room) => room.name === name) ? name : rooms[0]!.name;
}

/** The whole page: the rooms' tabs, who is signed in, and the open room. */
export function App() {
  const room = rooms.find(({ name }) => name === openRoom.value)!;
  return (
    <>
      <a class="skip" href="#main">Skip to content</a>
      <header class="masthead">
        <a class="wordmark" href="#analyse">
          <Mark /> semantic-analysis
        </a>
        {project.value && (
          <nav class="tabs" aria-label="Rooms">
            {rooms.map(({ name, title }) => (
              <a href={`#${name}`} aria-current={name === room.name ? "page" : undefined}>
                {title}
              </a>
            ))}
          </nav>
        )}
        {project.value && <Account />}
      </header>
      <main id="main" tabIndex={-1}>
        {project.value ? room.content() : <ConnectForm />}
      </main>
      <footer class="colophon">
        <span>Version {VERSION}</span>
        {project.value && <span>{project.value.url}</span>}
      </footer>
    </>
  );
}

function Mark() {
  return (
    <svg class="mark" viewBox="0 0 32 32" aria-hidden="true">
      <path class="mark-ground" d="M4 4h13v24H4z" />
      <path class="mark-one" d="M19 4h9v11h-9z" />
      <path class="mark-two" d="M19 17h9v11h-9z" />
    </svg>
  );
}
