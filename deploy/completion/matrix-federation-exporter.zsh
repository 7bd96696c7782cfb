#compdef matrix-federation-exporter
# zsh completion of matrix-federation-exporter, made by --print-completion=zsh
_matrix_federation_exporter() {
  case ${words[2]} in
    check)
      shift words; ((CURRENT--))
      _arguments \
        '--config.file=[Configuration file.]:file:_files' \
        '--format=[With check\: form of the reports\: text, json, prometheus (the metrics of the daemon) or tap (Test Anything Protocol).]:value:(text json prometheus tap)' \
        '--strict[With check\: exit status 1 when all work but some carry warnings or fail a check that only warns.]' \
        '--version[Print the version and exit.]' \
        '--help[Print this text and exit.]' \
        '*:server name: ' ;;
    explain)
      shift words; ((CURRENT--))
      _arguments \
        '--version[Print the version and exit.]' \
        '--help[Print this text and exit.]' \
        '*:reason, warning or check:(server_name_empty server_name_too_long server_name_invalid_hostname server_name_invalid_ip_literal server_name_invalid_port wellknown_dns_error wellknown_connect_failed wellknown_timeout wellknown_tls_error wellknown_no_response wellknown_http_status wellknown_redirect_loop wellknown_too_many_redirects wellknown_redirect_no_location wellknown_too_large wellknown_invalid_json wellknown_not_object wellknown_missing_m_server wellknown_invalid_m_server dns_nxdomain dns_nodata dns_servfail dns_refused dns_timeout dns_malformed address_denied srv_lookup_servfail srv_lookup_refused srv_lookup_timeout srv_lookup_malformed srv_service_disabled srv_target_no_address srv_invalid_port connect_refused connect_reset connect_timeout connect_unreachable tls_handshake_failed tls_protocol_version tls_client_cert_required tls_cert_expired tls_cert_not_yet_valid tls_cert_name_mismatch tls_cert_self_signed tls_cert_incomplete_chain tls_cert_untrusted tls_cert_weak http_no_response http_timeout http_too_large keys_http_status keys_invalid_content_type keys_invalid_json keys_missing_field keys_invalid_field keys_server_name_mismatch keys_no_supported_key keys_invalid_key keys_not_self_signed keys_invalid_signature keys_verify_key_not_signed keys_expired keys_key_both_current_and_old keys_compromised canonical_json_unrepresentable version_http_status version_invalid_json version_missing_server version_missing_version version_invalid_field expectation_delegation expectation_software expectation_version expectation_ip_version probe_timeout internal_error server_name_uppercase server_name_over_230 wellknown_ignored wellknown_inconsistent wellknown_redirect_to_http deprecated_srv_used srv_target_is_cname srv_target_is_ip srv_target_no_address srv_null_target srv_invalid_port srv_contradicts_wellknown address_unreachable ip_version_unreachable certificates_inconsistent tls_version_old keys_expiring_soon keys_valid_until_capped keys_nonstandard_key_id keys_urlsafe_base64 keys_key_id_reused keys_key_vanished version_unparseable version_content_type version_unsafe_characters version_unavailable clock_skew proxy_decodes_paths server_name_is_valid well_known_is_usable well_known_is_consistent well_known_certificate_is_valid srv_lookup_works srv_uses_current_name srv_targets_are_hosts srv_agrees_with_well_known destination_resolves destination_accepts_connections tls_handshake_succeeds tls_version_is_current certificate_is_trusted certificate_is_in_date certificate_matches_name certificates_are_consistent signing_keys_are_served signing_keys_are_signed signing_keys_are_in_date signing_keys_are_stable version_is_reported every_address_works both_ip_versions_work clock_is_right proxy_preserves_paths delegation_is_expected software_is_expected version_is_expected ip_versions_are_expected)' ;;
    healthcheck)
      shift words; ((CURRENT--))
      _arguments \
        '--web.listen-address=[Address to listen on, like \:10448, 127.0.0.1\:10448 or \[\:\:1\]\:10448; repeatable.]:value: ' \
        '--web.config.file=[File with TLS, users and headers of the web server, in the format of Prometheus'\'' exporters; re-read when it changes.]:file:_files' \
        '--web.health-listen-address=[Address that serves /-/healthy and /-/ready and nothing else, without TLS and users; repeatable.]:value: ' \
        '--web.route-prefix=[Path below which everything is served; begins with '\''/'\''.]:value: ' \
        '--web.external-url=[URL under which people reach this exporter, like https\://example.org/federation; links are made with it. Its path is the route prefix where none is given.]:value: ' \
        '--version[Print the version and exit.]' \
        '--help[Print this text and exit.]' ;;
    *)
      _arguments \
        '--config.file=[Configuration file.]:file:_files' \
        '--config.check[Check the configuration, print every mistake, and exit.]' \
        '--web.listen-address=[Address to listen on, like \:10448, 127.0.0.1\:10448 or \[\:\:1\]\:10448; repeatable.]:value: ' \
        '--web.telemetry-path=[Path under which metrics are served; begins with '\''/'\'', and nothing else is served there.]:value: ' \
        '--web.config.file=[File with TLS, users and headers of the web server, in the format of Prometheus'\'' exporters; re-read when it changes.]:file:_files' \
        '--web.health-listen-address=[Address that serves /-/healthy and /-/ready and nothing else, without TLS and users; repeatable.]:value: ' \
        '--web.max-requests=[Requests that are answered at a time, 1 to 10000; those above it are answered 503.]:value: ' \
        '--web.route-prefix=[Path below which everything is served; begins with '\''/'\''.]:value: ' \
        '--web.external-url=[URL under which people reach this exporter, like https\://example.org/federation; links are made with it. Its path is the route prefix where none is given.]:value: ' \
        '--web.enable-lifecycle=[Whether POST /-/reload reloads the configuration\: true or false.]:value:(true false)' \
        '--shard=[Which part of the homeservers this exporter watches, from 0; auto\: the number at the end of the host name, as a StatefulSet'\''s pods have it.]:value: ' \
        '--shards=[How many exporters share the homeservers, 1 to 1000. Each homeserver is on exactly one; all exporters read the same configuration.]:value: ' \
        '--log.level=[Least severe messages to log\: debug, info, warn or error.]:value:(debug info warn error)' \
        '--log.format=[Form of log messages\: logfmt or json.]:value:(logfmt json)' \
        '--state.file=[File through which results survive a restart; empty for none.]:file:_files' \
        '--print-config[Print the reference configuration and exit.]' \
        '--print-metrics[Print the metric catalogue and exit.]' \
        '--print-checks[Print the list of checks and exit.]' \
        '--print-reasons[Print the words of reasons and warnings and exit.]' \
        '--print-man-page[Print the manual page and exit.]' \
        '--print-completion=[Print the command line completion of a shell, bash, zsh or fish, and exit.]:value:(bash zsh fish)' \
        '--version[Print the version and exit.]' \
        '--help[Print this text and exit.]' \
        '1:command:(check explain healthcheck)' ;;
  esac
}
_matrix_federation_exporter "$@"
