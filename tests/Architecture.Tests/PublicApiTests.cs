using System.Reflection;
using PublicApiGenerator;

namespace Modular.Architecture.Tests;

/// <summary>A change of what plugins compile against shows in review as a change of a text.</summary>
public sealed class PublicApiTests
{
    /// <summary>Set to 1 to write the texts anew instead of comparing with them.</summary>
    private const string Rewrite = "MODULAR_REWRITE_API";

    [Theory]
    [InlineData("Modular.ApiMachinery")]
    [InlineData("Modular.Models")]
    [InlineData("Modular.Abstractions")]
    [InlineData("Modular.Abstractions.Http")]
    [InlineData("Modular.Toolkit")]
    public void The_public_api_is_the_one_checked_in(string name)
    {
        var file = Path.Combine(Repository.Root, "tests/Architecture.Tests/api", $"{name}.txt");
        var api = Assembly.Load(name).GeneratePublicApi(new ApiGeneratorOptions { IncludeAssemblyAttributes = false }) + "\n";
        if (Environment.GetEnvironmentVariable(Rewrite) == "1")
        {
            File.WriteAllText(file, api);
        }

        Assert.True(File.Exists(file), $"{file} does not exist; run this test with {Rewrite}=1 and check the file in");
        Assert.True(File.ReadAllText(file) == api, $"the public API of {name} is not {file}; if the change is meant, run this test with {Rewrite}=1 and check the file in");
    }
}
