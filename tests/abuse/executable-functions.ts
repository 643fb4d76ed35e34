/**
 * Every function that a role of the API may execute, by its name. One that is granted and not listed
 * here fails the test beside this file: a new grant needs a row, and a function that users may
 * call is then fuzzed.
 */

/** What is tried of a function. */
export interface Trials {
  /** Arguments beside the one that is tried: without them some of the others are not looked at. */
  beside?: Record<string, unknown>;
  /** Values of one argument, beside those that the test tries for its type. */
  hostile?: Record<string, unknown[]>;
}

/**
 * Users call them over the API, as `/rest/v1/rpc/<name>`: what they get has no bound but the function's
 * own.
 */
export const EXPOSED_TO_USERS: Record<string, Trials> = {
  material_search_find_materials: {
    beside: { p_query_text: "oak", p_color: "#b68350", p_palette: [{ hex: "#b68350", share: 1 }] },
    hostile: {
      p_property_filters: [
        { finish: Array.from({ length: 60_000 }, (_, index) => `value ${index}`) },
        Object.fromEntries(Array.from({ length: 60_000 }, (_, index) => [`key ${index}`, "x"])),
        { density: { min: "NaN", max: "Infinity" } },
        Object.fromEntries(Array.from({ length: 20 }, (_, index) => [index, { min: 1e300 }])),
      ],
      p_weights: [{ text: -1 }, { text: "NaN" }, [1, 2, 3]],
      p_palette: [
        Array.from({ length: 60_000 }, () => ({ hex: "#b68350", share: 0.1 })),
        [{ hex: "#b68350", share: 1, name: "x".repeat(1_000_000) }],
      ],
    },
  },
  semantic_analysis_read_object: {},
};

/**
 * Executed with users' rights, but in schemas that the API doesn't show: what users give reaches them
 * through the functions above alone.
 */
export const WITHIN_USERS_CALLS: readonly string[] = [
  "material_search.answer_page",
  "material_search.are_named",
  "material_search.catch_up",
  "material_search.check_colors",
  "material_search.check_dimensions",
  "material_search.check_embedding",
  "material_search.check_filters",
  "material_search.check_object",
  "material_search.check_page",
  "material_search.check_palette",
  "material_search.check_search",
  "material_search.choose_by_items",
  "material_search.choose_items",
  "material_search.choose_scored",
  "material_search.compare_embeddings",
  "material_search.correct_words",
  "material_search.count_categories",
  "material_search.count_found",
  "material_search.count_strategies",
  "material_search.filter_materials",
  "material_search.find_and_choose",
  "material_search.find_by_items",
  "material_search.find_colors",
  "material_search.find_compounds",
  "material_search.find_having",
  "material_search.find_in_order",
  "material_search.find_known",
  "material_search.find_matching",
  "material_search.find_meant",
  "material_search.find_nearest",
  "material_search.find_resembling",
  "material_search.find_sample",
  "material_search.find_similar",
  "material_search.fold",
  "material_search.guess_least_items",
  "material_search.is_found",
  "material_search.is_found_readable",
  "material_search.is_readable",
  "material_search.join_words",
  "material_search.leave_out_unknown",
  "material_search.rank_colors",
  "material_search.rank_materials",
  "material_search.rank_readable",
  "material_search.rank_rest",
  "material_search.read_analyses",
  "material_search.read_by_items",
  "material_search.read_claims",
  "material_search.read_embeddings",
  "material_search.read_first",
  "material_search.read_found",
  "material_search.read_materials",
  "material_search.read_query",
  "material_search.read_results",
  "material_search.read_sample",
  "material_search.read_searched_space",
  "material_search.read_settings",
  "material_search.read_space",
  "material_search.read_space_of_query",
  "material_search.read_user_id",
  "material_search.refuse",
  "material_search.replace_words",
  "material_search.require_embeddings",
  "material_search.search_colors",
  "material_search.search_embeddings",
  "material_search.sort_found",
  "material_search.take_apart",
  "material_search.to_bounded_json",
  "material_search.to_chains",
  "material_search.to_cielab",
  "material_search.to_findable",
  "material_search.to_found_by",
  "material_search.to_items",
  "material_search.to_joined",
  "material_search.to_pairs",
  "material_search.to_parts",
  "material_search.to_picture_words",
  "material_search.to_plain",
  "material_search.to_plain_colors",
  "material_search.to_readable_analysis",
  "material_search.to_resembling",
  "material_search.to_select_list",
  "material_search.to_stemmers",
  "material_search.to_term",
  "material_search.to_text_query",
  "semantic_analysis.show_confidence",
  "semantic_analysis.take_search_unit",
];

/** The project's own code alone calls them, with a secret. */
export const EXPOSED_TO_SECRETS: readonly string[] = [
  "material_search_change_settings",
  "material_search_clean_up",
  "material_search_create_space",
  "material_search_delete_space",
  "material_search_find_missing_embeddings",
  "material_search_learn_cut_off",
  "material_search_list_pictures",
  "material_search_read_spaces",
  "material_search_read_state",
  "material_search_refresh_documents",
  "material_search_store_embedding",
  "material_search_store_embeddings",
  "material_search_store_palette",
  "material_search_switch_space",
  "material_search_write_history",
  "semantic_analysis_accept_quote",
  "semantic_analysis_claim_jobs",
  "semantic_analysis_clean_up",
  "semantic_analysis_enqueue",
  "semantic_analysis_fail_job",
  "semantic_analysis_finish_job",
  "semantic_analysis_give_feedback",
  "semantic_analysis_pause_jobs",
  "semantic_analysis_put_back_job",
  "semantic_analysis_read_answer",
  "semantic_analysis_read_calibration",
  "semantic_analysis_read_chain_health",
  "semantic_analysis_read_days",
  "semantic_analysis_read_feedback",
  "semantic_analysis_read_labels",
  "semantic_analysis_read_limits",
  "semantic_analysis_read_maps",
  "semantic_analysis_read_migrations",
  "semantic_analysis_read_progress",
  "semantic_analysis_renew_jobs",
  "semantic_analysis_reserve",
  "semantic_analysis_retry_failed_jobs",
  "semantic_analysis_review_feedback",
  "semantic_analysis_sample_pictures",
  "semantic_analysis_set_limits",
  "semantic_analysis_settle",
  "semantic_analysis_settle_stored",
  "semantic_analysis_store_map",
  "semantic_analysis_switch_enqueueing",
  "semantic_analysis_withdraw_map",
];
