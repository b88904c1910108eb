package self

// What TestRows wants: a line for each series, without the prefix that all names share.
const (
	wantIngest = `
datagrams_received_total 101
bytes_received_total udp 102
bytes_received_total tcp 402
lines_received_total udp 104
lines_received_total tcp 404
samples_received_total udp 105
samples_received_total tcp 405
events_total info normal 300
events_total info low 301
events_total success normal 310
events_total success low 311
events_total warning normal 320
events_total warning low 321
events_total error normal 330
events_total error low 331
samples_recorded_total udp 200
samples_recorded_total tcp 0
samples_refused_total max_series_per_metric 211
samples_refused_total max_total_series 212
samples_rejected_total malformed_line 201
samples_rejected_total empty_name 202
samples_rejected_total missing_type 203
samples_rejected_total unknown_type 204
samples_rejected_total bad_value 205
samples_rejected_total bad_rate 206
samples_rejected_total line_too_long 207
samples_rejected_total mixed_tags 208
samples_rejected_total negative_counter 209
samples_rejected_total type_conflict 210
samples_dropped_total 213
kernel_drops_total udp://a 1111
kernel_drops_total udp://b 121
datagrams_truncated_total 103
receive_errors_total udp://a 1114
receive_errors_total udp://b 124
fields_ignored_total udp 106
fields_ignored_total tcp 0
rates_ignored_total udp 1000
rates_ignored_total tcp 0
timestamps_off_total udp 107
timestamps_off_total tcp 0
receive_queue_bytes udp://a 1112
receive_queue_bytes udp://b 122
receive_buffer_bytes udp://a 1113
receive_buffer_bytes udp://b 123
connections 411
connections_opened_total 412
connections_refused_total 413
connections_idle_closed_total 414
frames_bad_total 415
stream_unfinished_bytes 416
unix_sockets_reopened_total 417
relay_lines_sent_total udp://t 501
relay_lines_dropped_total udp://t queue_full 0
relay_lines_dropped_total udp://t too_long 505
relay_lines_dropped_total udp://t send_failed 506
relay_lines_dropped_total udp://t stopped 0
relay_lines_waiting udp://t 502
relay_datagrams_sent_total udp://t 503
relay_connects_total udp://t 507
relay_errors_total udp://t 504
`

	wantRegistry = `
series 602
series_expired_total 603
families 601
cardinality_overflow_total m 609
cardinality_overflow_total other 610
cardinality_overflow_series 604
names_merged_total 611
names_letters_lost_total 612
tags_duplicate_total 606
label_values_other_total 607
exemplar_tags_dropped_total 608
gauges_infinite_total 605
state_saves_total 801
state_failures_total 802
state_last_save_timestamp_seconds 803
state_size_bytes 804
state_journal_active 1
`

	wantExpose = `
http_responses_total 200 701
http_requests_in_flight 702
http_connections_refused_total 704
http_auth_failures_total missing 710
http_tls_handshake_failures_total 711
http_certificate_expiry_timestamp_seconds 712
scrapes_aborted_total 703
scrapes_late_total 708
cache_hits_total 705
cache_misses_total 706
cache_bytes 707
`

	wantProgram = `
config_last_reload_successful 1
config_last_reload_success_timestamp_seconds 807
config_reloads_total success 805
config_reloads_total failure 806
mapping_rules 808
panics_total ingest 108
panics_total expose 709
build_info v1 abc go1 1
`

	wantCompat = `
lines_total 508
samples_total 510
sample_errors_total malformed_line 201
sample_errors_total not_enough_parts_after_colon 203
sample_errors_total invalid_extended_aggregate_type 214
sample_errors_total malformed_value 205
sample_errors_total invalid_sample_factor 1206
sample_errors_total illegal_event 204
sample_errors_total mixed_tagging_styles 208
events_total counter 65
events_total gauge 2
events_total observer 28
events_error_total illegal_negative_counter 209
events_error_total empty_metric_name 202
events_actions_total drop 213
events_conflict_total 210
udp_packets_total 101
udp_packet_drops_total 1232
unixgram_packets_total 0
tcp_connections_total 412
tcp_too_long_lines_total 0
relay_packets_total t 503
relay_lines_relayed_total t 501
relay_long_lines_total t 505
config_reloads_total success 805
config_reloads_total failure 806
loaded_mappings 808
metrics_total counter 0
metrics_total gauge 0
metrics_total histogram 0
metrics_total summary 0
`
)
