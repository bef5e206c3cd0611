namespace Modular.Architecture.Tests;

/// <summary>Which tests show that a contract holds wherever its plugin runs, when it is exchanged, and when its process is killed.</summary>
internal static class ContractTable
{
    private const string Story = "EndToEnd/PluginInstallTests.A_build_is_installed_exchanged_rolled_back_and_removed";
    private const string Services = "EndToEnd/ServiceProcessTests.No_request_fails_while_they_move_there_and_back_and_roles_return_when_their_processes_are_killed";
    private const string Exchanged = "EndToEnd/ServiceTests.No_request_fails_while_pods_roll_and_the_proxy_and_the_name_server_are_exchanged";
    private const string Runtime = "EndToEnd/RuntimeProcessTests.Pods_go_on_while_the_runtime_is_killed_and_exchanged";
    private const string Security = "Modular.PluginProcess.Tests/SecurityTests";
    private const string WithoutProcess = $"{Security}.Without_the_process_nobody_is_known_nothing_allowed_and_nothing_written_until_it_is_there_again";
    private const string Http = "Modular.PluginProcess.Tests/HttpTests";
    private const string NodeKilled = "EndToEnd/IsolatedRolesTests.Pods_go_on_and_can_be_reached_after_the_process_of_their_node_was_killed_or_exchanged";
    private const string DriversKilled = "EndToEnd/IsolatedRolesTests.New_pods_are_made_and_found_by_their_service_after_each_process_on_the_way_was_killed_or_exchanged";
    private const string Kinds = "EndToEnd/ResourceProcessTests.Nothing_acknowledged_is_lost_and_no_read_fails_while_the_kinds_are_killed_and_exchanged";
    private const string Streams = "EndToEnd/ExchangeUnderStreamsTests.They_go_on_without_losing_a_line_and_new_ones_are_carried_by_the_new";
    private const string ApiExchanged = "EndToEnd/ApiExchangeTests.Clients_notice_nothing_when_who_knows_them_and_the_kinds_are_exchanged_and_what_was_chosen_outlasts_a_restart";
    private const string PathsExchanged = "EndToEnd/ApiExchangeTests.Paths_of_a_plugin_are_served_while_it_is_exchanged";
    private const string Asked = "Modular.Kernel.Plugins.Tests/SecurityExchangeTests.No_request_goes_by_without_being_asked_about";
    private const string NetworkVerified = "EndToEnd/VerifyTests.What_changes_the_network_is_verified_in_both_places";
    private const string Later = "-comes later, with the copying of a store that is written to; until then by the distribution file and a restart";

    /// <summary>The column heads.</summary>
    public static IReadOnlyList<string> Columns { get; } = ["contract", "in process", "process of its own", "exchanged", "process killed"];

    /// <summary>A row for each contract: in each cell a test (PROJECT/CLASS or PROJECT/CLASS.METHOD), or a dash and why there is none.</summary>
    public static IReadOnlyList<IReadOnlyList<string>> Rows { get; } =
    [
        ["modular.scheduler", "Modular.PluginProcess.Tests/BinpackInProcessTests", "Modular.PluginProcess.Tests/BinpackInItsOwnProcessTests", Story,
            "EndToEnd/PluginProcessTests.A_scheduler_in_its_own_process_is_killed_again_and_again_and_every_pod_is_placed"],
        ["modular.container-runtime", "Modular.PluginProcess.Tests/NativeRuntimeInProcessTests", "Modular.PluginProcess.Tests/NativeRuntimeInItsOwnProcessTests", Streams, Runtime],
        ["modular.pod-network", "network-bridge.Tests/ConformanceTests", NetworkVerified, Services, Services],
        ["modular.service-proxy", "Modular.PluginProcess.Tests/YarpInProcessTests", "Modular.PluginProcess.Tests/YarpInItsOwnProcessTests", Exchanged, Services],
        ["modular.dns", "Modular.PluginProcess.Tests/DnsInProcessTests", "Modular.PluginProcess.Tests/DnsInItsOwnProcessTests", Exchanged, Services],
        ["modular.store", "store-embedded.Tests/ConformanceTests", "Modular.PluginProcess.Tests/ObjectStoreInItsOwnProcessTests", Later, "EndToEnd/StoreProcessTests.Nothing_acknowledged_is_lost_and_a_watch_sees_everything_once"],
        ["modular.authenticator", "Modular.PluginProcess.Tests/CertificatesInProcessTests", "Modular.PluginProcess.Tests/CertificatesInTheirOwnProcessTests", ApiExchanged,
            "EndToEnd/IsolatedRolesTests.Clients_are_known_again_after_the_process_that_knows_them_was_killed_and_never_taken_for_others"],
        ["modular.authorizer", "Modular.PluginProcess.Tests/AuthorizerInProcessTests", "Modular.PluginProcess.Tests/AuthorizerInItsOwnProcessTests", Asked, WithoutProcess],
        ["modular.admission", "Modular.PluginProcess.Tests/AdmissionInProcessTests", "Modular.PluginProcess.Tests/AdmissionInItsOwnProcessTests", Asked, WithoutProcess],
        ["modular.http-endpoints", "Modular.PluginProcess.Tests/HttpEndpointsInProcessTests",
            "Modular.PluginProcess.Tests/HttpEndpointsInItsOwnProcessTests", PathsExchanged, $"{Http}.Requests_of_a_process_that_is_killed_say_whose_it_was_and_the_next_one_answers"],
        ["modular.node-endpoint", "node-agent.Tests/ConformanceTests", "Modular.PluginProcess.Tests/NodeEndpointInItsOwnProcessTests", Streams, NodeKilled],
        ["modular.resources", "Modular.PluginProcess.Tests/KubernetesInProcessTests", "Modular.PluginProcess.Tests/KubernetesInItsOwnProcessTests", Kinds, Kinds],
        ["a plugin that provides nothing", "EndToEnd/StoryTests.A_controller_keeps_its_pods_through_deaths_changes_and_a_killed_host",
            DriversKilled, DriversKilled, DriversKilled],
    ];
}
