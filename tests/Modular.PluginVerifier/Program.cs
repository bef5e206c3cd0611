using Modular.PluginLoader;
using Modular.PluginVerifier;
using Xunit.Runner.InProc.SystemConsole;

// Started by "modular plugins verify", which says by the environment what to verify.
var request = VerifyRequest.FromEnvironment();
VerifyPlan plan;
try
{
    plan = VerifyPlan.Make(request);
    await VerifyPlan.CheckLoadsAsync(request);
}
catch (Exception e) when (e is PluginManifestException or PluginLoadException)
{
    await Console.Error.WriteLineAsync($"modular: {e.Message}");
    return 1;
}

if (plan.ChangesTheNetwork && !ThrowAwayNetwork.IsHere)
{
    return await ThrowAwayNetwork.RunAsync();
}

foreach (var skipped in plan.Skipped)
{
    Console.WriteLine($"skipped {skipped}");
}

if (plan.Classes.Count == 0)
{
    Console.WriteLine(VerifyPlan.Total(0, 0, plan.Skipped.Count));
    await Console.Error.WriteLineAsync($"modular: {(plan.Skipped.Count > 0 ? "nothing was left to test" : "the plugin provides no contract, so there is nothing to test")}");
    return 1;
}

string[] classes = [.. plan.Classes.SelectMany(type => (string[])["-class", type.FullName!])];
string[] report = request.JUnitFile.Length > 0 ? ["-result-junit", request.JUnitFile] : [];
return await ConsoleRunner.Run([.. classes, .. report, "-parallelMode", "none", "-reporter", LineReporter.Switch, "-noColor", "-noLogo"]) == 0 ? 0 : 1;
