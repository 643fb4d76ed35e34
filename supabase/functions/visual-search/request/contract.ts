/** The wire of this function, which is the client's as well. */

export * from "../../_shared/client/search/search-contract.ts";
