import type { PictureFacts } from "../../../../supabase/functions/_shared/client/client.ts";
import { formatBytes, formatShare } from "../parts/format.ts";
import { ChosenPicture } from "../parts/chosen-picture.tsx";
import { SwatchBand } from "../parts/swatches.tsx";
import type { Run } from "./run.ts";

/** The picture, what it was prepared to, and the colours it is made of. */
export function PictureView({ run: { prepared, pictureUrl, picture, phase } }: { run: Run }) {
  return (
    <figure class="picture">
      <div class={`picture-frame ${phase === "preparing" ? "is-busy" : ""}`}>
        <ChosenPicture
          url={pictureUrl}
          name={picture.name}
          alt={`Your picture, ${picture.name}`}
        />
      </div>
      {/* Empty while they are measured, so that nothing below it moves. */}
      {phase === "preparing"
        ? <SwatchBand colors={[]} />
        : prepared && prepared.colors.length > 0 && <SwatchBand colors={prepared.colors} />}
      <figcaption>
        {prepared && !prepared.isUntouched
          ? (
            <table class="before-after">
              <thead>
                <tr>
                  <th scope="col">
                    <span class="visually-hidden">Which</span>
                  </th>
                  <th scope="col">pixels</th>
                  <th scope="col">size</th>
                  <th scope="col">form</th>
                </tr>
              </thead>
              <tbody>
                <FactsRow title="yours" facts={prepared.from} />
                <FactsRow title="sent" facts={prepared.to} />
              </tbody>
            </table>
          )
          : prepared
          ? `Sent as it is: ${toText(prepared.from)}`
          : phase === "preparing"
          ? picture.name
          : "This browser can't show it, so it is sent as it is"}
        {prepared && prepared.from.bytes > prepared.to.bytes && (
          <p class="saved">
            {formatShare(1 - prepared.to.bytes / prepared.from.bytes)}{" "}
            less to send, without the place and the camera
          </p>
        )}
      </figcaption>
    </figure>
  );
}

function FactsRow({ title, facts }: { title: string; facts: PictureFacts }) {
  return (
    <tr>
      <th scope="row">{title}</th>
      <td>{facts.width} × {facts.height}</td>
      <td>{formatBytes(facts.bytes)}</td>
      <td>{toFormat(facts)}</td>
    </tr>
  );
}

function toText(facts: PictureFacts): string {
  return `${facts.width} × ${facts.height} ${toFormat(facts)}, ${formatBytes(facts.bytes)}`;
}

function toFormat({ type }: PictureFacts): string {
  return type.replace("image/", "").toUpperCase();
}
