import type { PictureFacts } from "../../../../supabase/functions/_shared/client/client.ts";
import { formatBytes, formatShare } from "../parts/format.ts";
import { SwatchBand } from "../parts/swatches.tsx";
import type { Run } from "./run.ts";

/** The picture, what it was prepared to, and the colours it is made of. */
export function PictureView({ run }: { run: Run }) {
  const { prepared, pictureUrl, picture } = run;
  return (
    <figure class="picture">
      <img src={pictureUrl} alt={`The picture that is analysed, ${picture.name}`} />
      {prepared && prepared.colors.length > 0 && (
        <SwatchBand colors={prepared.colors} label="Colours measured in the picture" />
      )}
      <figcaption>
        {!prepared
          ? "Sent as it is"
          : prepared.isUntouched
          ? <>Sent as it is: {toFacts(prepared.from)}</>
          : (
            <>
              <span class="nowrap">{toFacts(prepared.from)}</span> <span aria-hidden="true">→</span>
              <span class="visually-hidden">prepared to</span>{" "}
              <span class="nowrap">{toFacts(prepared.to)}</span>
              {prepared.from.bytes > prepared.to.bytes && (
                <span class="saved">
                  {formatShare(1 - prepared.to.bytes / prepared.from.bytes)} less to send
                </span>
              )}
            </>
          )}
      </figcaption>
    </figure>
  );
}

function toFacts({ width, height, bytes, type }: PictureFacts): string {
  const format = type.replace("image/", "").toUpperCase();
  return `${width} × ${height} ${format}, ${formatBytes(bytes)}`;
}
