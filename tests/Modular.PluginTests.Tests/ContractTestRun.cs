using System.Reflection;

namespace Modular.PluginTests.Tests;

/// <summary>Runs a test of a contract as a program does that derives from its class.</summary>
internal static class ContractTestRun
{
    /// <summary>The names of a class's tests.</summary>
    public static IEnumerable<string> TestsOf(Type type) =>
        type.GetMethods().Where(method => method.GetCustomAttribute<FactAttribute>() is not null).Select(method => method.Name);

    /// <summary>What a test says, each of its cases on a new instance; null if it passes.</summary>
    public static async Task<Exception?> RunAsync<T>(string test, Func<T> create)
        where T : IAsyncLifetime
    {
        var method = typeof(T).GetMethod(test)!;
        object?[][] cases = method.GetParameters().Length == 0 ? [[]] : [.. method.GetCustomAttributes<InlineDataAttribute>().Select(data => data.Data)];
        foreach (var arguments in cases)
        {
            await using var tests = create();
            await tests.InitializeAsync();
            if (await Record.ExceptionAsync(() => method.Invoke(tests, arguments) as Task ?? Task.CompletedTask) is { } caught)
            {
                return caught;
            }
        }

        return null;
    }
}
