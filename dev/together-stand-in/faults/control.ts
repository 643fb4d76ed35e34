import { z } from "zod";
import { type FaultQueue, parseFaults } from "./faults.ts";
import type { RequestLog } from "../wire/request-log.ts";

/**
 * Makes the handler of what tests tell and ask the stand-in, beside Together's wire.
 *
 * `PUT`, `GET` and `DELETE /__faults`; `GET` and `DELETE /__requests`.
 */
export function createControl(
  { faults, requests }: { faults: FaultQueue; requests: RequestLog },
): (request: Request) => Promise<Response> {
  return async (request) => {
    switch (`${request.method} ${new URL(request.url).pathname}`) {
      case "PUT /__faults":
        return await replaceFaults(request, faults);
      case "GET /__faults":
        return Response.json(faults.list());
      case "DELETE /__faults":
        faults.replace([]);
        return new Response(null, { status: 204 });
      case "GET /__requests":
        return Response.json(requests.list());
      case "DELETE /__requests":
        requests.clear();
        return new Response(null, { status: 204 });
      default:
        await request.body?.cancel();
        return Response.json({ error: "Not found" }, { status: 404 });
    }
  };
}

async function replaceFaults(request: Request, faults: FaultQueue): Promise<Response> {
  try {
    const list = parseFaults(await request.json());
    faults.replace(list);
    return Response.json(list);
  } catch (error) {
    const message = error instanceof z.ZodError ? z.prettifyError(error) : "Not valid JSON";
    return Response.json({ error: message }, { status: 400 });
  }
}
