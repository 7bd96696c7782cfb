# bash completion of matrix-federation-exporter, made by --print-completion=bash
_matrix_federation_exporter() {
  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} words
  # "=" is a word of its own on the line
  if [[ $cur == = ]]; then cur=; elif [[ $prev == = ]]; then prev=${COMP_WORDS[COMP_CWORD-2]}; fi
  case $prev in
    --config.file) COMPREPLY=($(compgen -f -- "$cur")); return ;;
    --web.listen-address) return ;;
    --web.telemetry-path) return ;;
    --web.config.file) COMPREPLY=($(compgen -f -- "$cur")); return ;;
    --web.health-listen-address) return ;;
    --web.max-requests) return ;;
    --web.route-prefix) return ;;
    --web.external-url) return ;;
    --web.enable-lifecycle) COMPREPLY=($(compgen -W 'true false' -- "$cur")); return ;;
    --shard) return ;;
    --shards) return ;;
    --log.level) COMPREPLY=($(compgen -W 'debug info warn error' -- "$cur")); return ;;
    --log.format) COMPREPLY=($(compgen -W 'logfmt json' -- "$cur")); return ;;
    --state.file) COMPREPLY=($(compgen -f -- "$cur")); return ;;
    --format) COMPREPLY=($(compgen -W 'text json prometheus tap' -- "$cur")); return ;;
    --print-completion) COMPREPLY=($(compgen -W 'bash zsh fish' -- "$cur")); return ;;
  esac
  case ${COMP_WORDS[1]} in
    check) words='--config.file= --format= --strict --version --help' ;;
    explain) words='--version --help server_name_empty server_name_too_long server_name_invalid_hostname server_name_invalid_ip_literal server_name_invalid_port wellknown_dns_error wellknown_connect_failed wellknown_timeout wellknown_tls_error wellknown_no_response wellknown_http_status wellknown_redirect_loop wellknown_too_many_redirects wellknown_redirect_no_location wellknown_too_large wellknown_invalid_json wellknown_not_object wellknown_missing_m_server wellknown_invalid_m_server dns_nxdomain dns_nodata dns_servfail dns_refused dns_timeout dns_malformed address_denied srv_lookup_servfail srv_lookup_refused srv_lookup_timeout srv_lookup_malformed srv_service_disabled srv_target_no_address srv_invalid_port connect_refused connect_reset connect_timeout connect_unreachable tls_handshake_failed tls_protocol_version tls_client_cert_required tls_cert_expired tls_cert_not_yet_valid tls_cert_name_mismatch tls_cert_self_signed tls_cert_incomplete_chain tls_cert_untrusted tls_cert_weak http_no_response http_timeout http_too_large keys_http_status keys_invalid_content_type keys_invalid_json keys_missing_field keys_invalid_field keys_server_name_mismatch keys_no_supported_key keys_invalid_key keys_not_self_signed keys_invalid_signature keys_verify_key_not_signed keys_expired keys_key_both_current_and_old keys_compromised canonical_json_unrepresentable version_http_status version_invalid_json version_missing_server version_missing_version version_invalid_field expectation_delegation expectation_software expectation_version expectation_ip_version probe_timeout internal_error server_name_uppercase server_name_over_230 wellknown_ignored wellknown_inconsistent wellknown_redirect_to_http deprecated_srv_used srv_target_is_cname srv_target_is_ip srv_target_no_address srv_null_target srv_invalid_port srv_contradicts_wellknown address_unreachable ip_version_unreachable certificates_inconsistent tls_version_old keys_expiring_soon keys_valid_until_capped keys_nonstandard_key_id keys_urlsafe_base64 keys_key_id_reused keys_key_vanished version_unparseable version_content_type version_unsafe_characters version_unavailable clock_skew proxy_decodes_paths server_name_is_valid well_known_is_usable well_known_is_consistent well_known_certificate_is_valid srv_lookup_works srv_uses_current_name srv_targets_are_hosts srv_agrees_with_well_known destination_resolves destination_accepts_connections tls_handshake_succeeds tls_version_is_current certificate_is_trusted certificate_is_in_date certificate_matches_name certificates_are_consistent signing_keys_are_served signing_keys_are_signed signing_keys_are_in_date signing_keys_are_stable version_is_reported every_address_works both_ip_versions_work clock_is_right proxy_preserves_paths delegation_is_expected software_is_expected version_is_expected ip_versions_are_expected' ;;
    healthcheck) words='--web.listen-address= --web.config.file= --web.health-listen-address= --web.route-prefix= --web.external-url= --version --help' ;;
    *) words='--config.file= --config.check --web.listen-address= --web.telemetry-path= --web.config.file= --web.health-listen-address= --web.max-requests= --web.route-prefix= --web.external-url= --web.enable-lifecycle= --shard= --shards= --log.level= --log.format= --state.file= --print-config --print-metrics --print-checks --print-reasons --print-man-page --print-completion= --version --help'; ((COMP_CWORD == 1)) && words+=' check explain healthcheck' ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
  if [[ ${COMPREPLY[0]-} == *= ]]; then compopt -o nospace; fi
}
complete -F _matrix_federation_exporter matrix-federation-exporter
