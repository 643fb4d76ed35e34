import { effect, signal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { AnalyseRoom } from "./analyse/analyse-room.tsx";
import { LazyRoom } from "./parts/lazy-room.tsx";
import { Account } from "./project/account.tsx";
import { ConnectForm } from "./project/connect-form.tsx";
import { project } from "./project/session.ts";

/**
 * Whether the page is built for the local stack, whose server knows the local secret. The build puts in
 * true or false, and leaves out what only the other has.
 */
declare const IS_LOCAL_STACK: boolean;

/** Of the project; put in by the build. */
declare const VERSION: string;

/** A tab of the page. */
interface Room {
  name: string;
  title: string;
  content: ComponentChildren;
}

const rooms: Room[] = [
  { name: "analyse", title: "Analyse", content: <AnalyseRoom /> },
  {
    name: "search",
    title: "Search",
    content: (
      <LazyRoom
        key="search"
        load={async () => (await import("./search/search-room.tsx")).SearchRoom}
      />
    ),
  },
  ...(IS_LOCAL_STACK
    ? [
      {
        name: "catalogue",
        title: "Catalogue",
        content: (
          <LazyRoom
            key="catalogue"
            load={async () => (await import("./catalogue/catalogue-room.tsx")).CatalogueRoom}
          />
        ),
      },
      {
        name: "errors",
        title: "Errors",
        content: (
          <LazyRoom
            key="errors"
            load={async () => (await import("./errors/errors-room.tsx")).ErrorsRoom}
          />
        ),
      },
    ]
    : []),
];

const openRoom = signal(findRoom());

addEventListener("hashchange", () => openRoom.value = findRoom(openRoom.value));

effect(() => {
  document.title = `${openRoom.value.title} · semantic-analysis`;
});

/** The one that the address names; any other address changes nothing. */
function findRoom(otherwise: Room = rooms[0]!): Room {
  return rooms.find(({ name }) => name === location.hash.slice(1)) ?? otherwise;
}

/** The whole page: the rooms' tabs, who is signed in, and the open room. */
export function App() {
  return (
    <>
      <a class="skip" href="#main">Skip to content</a>
      <header class="masthead">
        <a class="wordmark" href="#analyse">
          <Mark /> semantic-analysis
        </a>
        {project.value && (
          <nav class="tabs" aria-label="Rooms">
            {rooms.map((room) => (
              <a
                key={room.name}
                href={`#${room.name}`}
                aria-current={room === openRoom.value ? "page" : undefined}
              >
                {room.title}
              </a>
            ))}
          </nav>
        )}
        {project.value && <Account />}
      </header>
      <main id="main" tabIndex={-1}>
        {project.value ? openRoom.value.content : <ConnectForm />}
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
