/** As much of Supabase's management API as the CLI asks for when it deploys a function. */
import { loopback } from "../../dev/stack/process/ports.ts";

/** What `functions deploy` uploaded. */
export interface Deployment {
  slug: string;
  metadata: Record<string, unknown>;
  /** Contents by path. */
  files: Map<string, Uint8Array>;
}

/** A running server, and what it was told. Disposing it ends it. */
export interface FakeManagementApi extends AsyncDisposable {
  readonly url: string;
  /** Secrets by name. */
  readonly secrets: Map<string, string>;
  readonly deployments: Deployment[];
  /** Names of the functions that were deleted. */
  readonly deleted: string[];
}

/** Serves one project; whatever else is asked for is a 404. */
export function startFakeManagementApi(
  { projectRef, accessToken }: { projectRef: string; accessToken: string },
): FakeManagementApi {
  const secrets = new Map<string, string>();
  const deployments: Deployment[] = [];
  const deleted: string[] = [];
  const project = {
    id: projectRef,
    ref: projectRef,
    name: "Fake",
    organization_id: "fake",
    organization_slug: "fake",
    region: "eu-central-1",
    status: "ACTIVE_HEALTHY",
    created_at: "2026-01-01T00:00:00Z",
    database: {
      host: `db.${projectRef}.loopback.test`,
      version: "17.0",
      postgres_engine: "17",
      release_channel: "ga",
    },
  };

  async function deploy(request: Request, slug: string): Promise<Response> {
    const form = await request.formData();
    const metadata = JSON.parse(String(form.get("metadata")));
    const files = new Map<string, Uint8Array>();
    for (const file of form.getAll("file")) {
      if (file instanceof File) files.set(file.name, await file.bytes());
    }
    deployments.push({ slug, metadata, files });
    const answer = { id: crypto.randomUUID(), slug, name: slug, status: "ACTIVE", version: 1 };
    return Response.json({ ...answer, created_at: 1, updated_at: 1 }, { status: 201 });
  }

  async function handle(request: Request): Promise<Response> {
    if (request.headers.get("Authorization") !== `Bearer ${accessToken}`) {
      return Response.json({ message: "Unauthorized" }, { status: 401 });
    }
    const { pathname, searchParams } = new URL(request.url);
    switch (`${request.method} ${pathname.replace(`/v1/projects/${projectRef}`, "")}`) {
      case "GET ":
        return Response.json(project);
      case "GET /api-keys":
        return Response.json([
          { id: "anon", name: "anon", type: "legacy", api_key: "anon" },
          { id: "service_role", name: "service_role", type: "legacy", api_key: "service_role" },
        ]);
      case "POST /secrets":
        for (const { name, value } of await request.json()) secrets.set(name, value);
        return new Response(null, { status: 201 });
      case "POST /functions/deploy":
        return await deploy(request, searchParams.get("slug") ?? "");
      case "GET /functions":
        return Response.json([]);
      // What follows when several are deployed at once.
      case "PUT /functions":
        return Response.json({ functions: await request.json() });
      default:
        if (request.method === "DELETE" && pathname.includes("/functions/")) {
          deleted.push(pathname.split("/").at(-1)!);
          return new Response(null, { status: 200 });
        }
        return Response.json({ message: "Not found" }, { status: 404 });
    }
  }

  const server = Deno.serve({ hostname: loopback, port: 0, onListen: () => {} }, handle);
  return {
    url: `http://${loopback}:${server.addr.port}`,
    secrets,
    deployments,
    deleted,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}
